import type { ServerResponse } from 'node:http';
import type { Watch } from '../../../application/watch.ts';
import { positionEvent } from '../contracts/event-stream.ts';
import type { RequestContext } from './request-state.ts';

/** How long a client should wait before it opens a stream again that has ended, in milliseconds. */
const RETRY_MS = 3_000;

/**
 * Sends the hints of a watch until it ends or the client leaves. It takes a hint only once the client has read the one
 * before. Status and headers must be set.
 *
 * It writes the response itself: with Koa's way of sending a stream, each takes half as much memory again, and nearly
 * twice the time when its client leaves. After a failure of the network, all clients leave at once.
 */
export function sendEvents(ctx: RequestContext, watch: Watch): void {
  const { res, method } = ctx;
  ctx.respond = false;
  ctx.state.sendsEvents = true;
  if (method === 'HEAD' || res.destroyed) {
    watch.close();
    res.end();
    return;
  }
  res.once('close', () => watch.close());
  res.write(`retry: ${RETRY_MS}\n\n`);
  void writeHints(res, watch);
}

async function writeHints(res: ServerResponse, watch: Watch): Promise<void> {
  for (let hint = await watch.next(); hint !== undefined; hint = await watch.next()) {
    const hasRoom = res.write(hint === 'unchanged' ? ':\n\n' : positionEvent(hint.position));
    if (!hasRoom) await new Promise((resolve) => res.once('drain', resolve)); // never, if the client leaves
  }
  res.end();
}
