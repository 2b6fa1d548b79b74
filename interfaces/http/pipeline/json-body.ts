import { isUtf8 } from 'node:buffer';
import bodyParser from 'koa-bodyparser';
import { RequestRefused } from '../errors/http-errors.ts';
import type { RouteContext } from './request-state.ts';

const options = {
  enableTypes: ['json'],
  jsonLimit: '1mb',
  detectJSON: () => true,
  // `__proto__` in a body is one more unknown field: an own property, which no schema asks for.
  onProtoPoisoning: 'ignore',
  onerror(error: Error): void {
    throw refusal(error);
  },
};

const parse = bodyParser(options);

/**
 * The object that was sent, at most 1 MiB of JSON; an empty one where no body was sent, whatever the content type says.
 *
 * @throws RequestRefused for a body that is too large, of another type, not JSON or not an object
 */
export async function jsonBody(ctx: RouteContext): Promise<object> {
  if (!hasBody(ctx)) return {};
  checkType(ctx);
  const bytes = await parsedBytes(ctx);
  const { body, rawBody } = ctx.request;
  if (typeof rawBody === 'string' && rawBody.includes('\ufffd') && !isUtf8(bytes)) {
    throw new RequestRefused('invalid_json', 'The body must be UTF-8');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw notAnObject();
  return body;
}

/**
 * Parses the body, and gives back the bytes that it came as: the parser mends what is no UTF-8, so its text does not
 * tell. Of a compressed body the bytes tell nothing either, and none are given.
 */
async function parsedBytes(ctx: RouteContext): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const collect = (chunk: Buffer) => chunks.push(chunk);
  if (ctx.get('content-encoding') === '') ctx.req.on('data', collect);
  try {
    await parse(ctx, async () => {});
    return Buffer.concat(chunks);
  } finally {
    ctx.req.off('data', collect).resume(); // what is left of a refused body would hold up the next request
  }
}

/** JSON is what is meant where nothing is said; it is always UTF-8 (RFC 8259, section 8.1). */
function checkType(ctx: RouteContext): void {
  const { type, charset } = ctx.request;
  if ((type === '' || type === 'application/json') && /^(utf-?8)?$/i.test(charset)) return;
  throw notJson();
}

/** RFC 9112, section 6: a body is announced by one of these two, and by nothing else. */
function hasBody({ req: { headers } }: RouteContext): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** What the parser throws carries a status, but also a part of what was sent: nothing of its message goes on. */
function refusal(error: Error): RequestRefused {
  const status = 'status' in error ? error.status : undefined;
  if (status === 413) return tooLarge();
  if (status === 415)
    return new RequestRefused('unsupported_media_type', 'The Content-Encoding of the body is not supported');
  return notAnObject();
}

export function notAnObject(): RequestRefused {
  return new RequestRefused('invalid_json', 'The body must be a JSON object');
}

export function notJson(): RequestRefused {
  return new RequestRefused(
    'unsupported_media_type',
    'The body must be sent as Content-Type: application/json, in UTF-8',
  );
}

export function tooLarge(): RequestRefused {
  return new RequestRefused('payload_too_large', 'The body must be at most 1 MiB');
}
