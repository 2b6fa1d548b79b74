import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { HttpResponse } from '../contracts/http-response.ts';
import type { RequestContext } from './request-state.ts';

/** Hands a response to Koa, at once unless its body is a stream. */
export function sendResponse(ctx: RequestContext, { status, headers, body }: HttpResponse): Promise<void> | undefined {
  if (body instanceof Readable) return sendStream(ctx, status, headers, body);
  // Koa destroys a Node stream whose client has gone, but not a web stream.
  if (body instanceof ReadableStream) return sendStream(ctx, status, headers, Readable.fromWeb(body));
  if (headers) ctx.set(headers);
  ctx.status = status;
  if (body !== undefined) ctx.body = body;
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
