import { once } from 'node:events';
import { Readable } from 'node:stream';
import { EventStream } from '../contracts/event-stream.ts';
import { type HttpResponse, JsonPieces } from '../contracts/http-response.ts';
import type { RequestContext } from './request-state.ts';
import { sendEvents } from './send-events.ts';
import { PIECES_BYTES, type UnreadResponses } from './unread-responses.ts';

const JSON_HEADERS = { 'Content-Type': 'application/json; charset=utf-8' } as const;

/**
 * Hands a response to Koa, at once unless its body comes in pieces.
 *
 * @throws Overloaded if the client, or all clients together, leave too much unread
 */
export function sendResponse(
  ctx: RequestContext,
  { status, headers, body }: HttpResponse,
  unread: UnreadResponses,
): Promise<void> | undefined {
  if (body instanceof EventStream) {
    // Nothing is unread but one event, so that it does not count.
    ctx.status = status;
    if (headers) ctx.set(headers);
    sendEvents(ctx, body.watch);
    return undefined;
  }
  if (body instanceof JsonPieces) {
    unread.admit(ctx, PIECES_BYTES);
    const text = Readable.from(body.pieces, { objectMode: false });
    return sendStream(ctx, status, { ...JSON_HEADERS, ...headers }, text);
  }
  // Koa destroys a Node stream whose client has gone, but not a web stream.
  const stream = body instanceof ReadableStream ? Readable.fromWeb(body) : body;
  if (stream instanceof Readable) {
    unread.admit(ctx, PIECES_BYTES);
    return sendStream(ctx, status, headers, stream);
  }
  const text = body === undefined ? undefined : JSON.stringify(body);
  if (text !== undefined) unread.admit(ctx, Buffer.byteLength(text));
  ctx.status = status;
  if (text !== undefined) {
    ctx.res.setHeader('Content-Type', JSON_HEADERS['Content-Type']);
    ctx.body = text;
  }
  if (headers) ctx.set(headers);
  return undefined;
}

/** Waits for the first data. A stream that fails before it gets an error response; a later failure cuts the response off. */
async function sendStream(
  ctx: RequestContext,
  status: number,
  headers: HttpResponse['headers'],
  stream: Readable,
): Promise<void> {
  ctx.body = stream; // from here on, Koa destroys it when the client leaves
  if (ctx.method !== 'HEAD' && !stream.destroyed) await Promise.race([once(stream, 'readable'), once(stream, 'close')]);
  if (stream.errored) throw stream.errored;
  if (headers) ctx.set(headers);
  ctx.status = status;
}
