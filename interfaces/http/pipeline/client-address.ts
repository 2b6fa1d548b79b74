import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { Middleware } from 'koa';
import type { RequestState } from './request-state.ts';

/** The longest text that can be an address, with its port and brackets. */
const TEXT_MAX = 64;

/**
 * Where a request comes from: what Koa finds when it believes as many proxies as it is told to. Read before anything
 * else is done, because a connection that is gone has no address any more.
 */
export const clientAddress: Middleware<RequestState> = (ctx, next) => {
  ctx.state.address = addressIn(ctx.ip) ?? addressIn(ctx.req.socket.remoteAddress ?? '') ?? 'unknown';
  return next();
};

/** The address in a text, without the port and the zone that may stand with it; `undefined` for anything else. */
export function addressIn(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (text.length > TEXT_MAX) return undefined;
  const bare = text
    .replace(/^\[(.*)\](?::\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=[\d.]+$)/i, ''); // IPv4 on a socket of both kinds
  return isIP(bare) === 0 ? undefined : bare.toLowerCase();
}

/** All addresses that are most likely one household's: an IPv4 address, or the 64 bits of IPv6 that one subscriber has. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = groupsOf(head);
  if (tail !== undefined) {
    const after = groupsOf(tail);
    const width = groups.length + after.length + (tail.includes('.') ? 1 : 0); // an IPv4 address at the end is two groups
    groups.push(...Array<string>(8 - width).fill('0'), ...after);
  }
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}

function groupsOf(part: string): string[] {
  return part === '' ? [] : part.split(':');
}
