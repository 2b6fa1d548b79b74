import { isIP, isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Middleware } from 'koa';
import type { RequestState } from './request-state.ts';

/** The longest text that can be an address with its port and brackets. */
const TEXT_MAX_LENGTH = 64;

/**
 * Stores the client's address, which Koa derives from the connection and the trusted proxies. It runs early, because a
 * closed connection no longer has an address.
 */
export const clientAddress: Middleware<RequestState> = (ctx, next) => {
  ctx.state.address = parseAddress(ctx.ip) ?? parseAddress(ctx.req.socket.remoteAddress ?? '') ?? 'unknown';
  return next();
};

/**
 * The address in a text, without a port or zone; `undefined` for anything else. It runs for each request, so it uses
 * Node's check, which takes a tenth of the time of ipaddr.js, and refuses short forms such as `127.1`.
 */
export function parseAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (text.length > TEXT_MAX_LENGTH) return undefined;
  const host = text
    .replace(/^\[(.*)\](?::\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=[\d.]+$)/i, ''); // IPv4 on a dual-stack socket
  return isIP(host) === 0 ? undefined : host.toLowerCase();
}

/** The network of an address, most likely one household: the IPv4 address itself, or the /64 of an IPv6 address. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const groups = ipaddr.IPv6.parse(address).parts.slice(0, 4);
  return `${groups.map((group) => group.toString(16)).join(':')}::/64`;
}
