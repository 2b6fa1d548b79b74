import { isUtf8 } from 'node:buffer';
import bodyParser from 'koa-bodyparser';
import { InvalidJson, PayloadTooLarge, UnsupportedMediaType } from '../errors/http-errors.ts';
import type { RouteContext } from './request-state.ts';

const options = {
  enableTypes: ['json'],
  jsonLimit: '1mb',
  detectJSON: () => true,
  // `__proto__` in a body becomes an own property, which the schemas ignore like any unknown field.
  onProtoPoisoning: 'ignore',
  onerror(error: Error): void {
    throw refusalOf(error);
  },
};

const parse = bodyParser(options);

/** The errors that `jsonBody` throws. */
export const BODY_REFUSALS = ['InvalidJson', 'PayloadTooLarge', 'UnsupportedMediaType'] as const;

export const NOT_AN_OBJECT = 'The body must be a JSON object';
export const NOT_JSON = 'The body must be sent as Content-Type: application/json, in UTF-8';
export const TOO_LARGE = 'The body must be at most 1 MiB';

/**
 * Reads the JSON object in the body, at most 1 MiB. A request without a body gives an empty object, whatever its content
 * type says.
 *
 * @throws InvalidJson, PayloadTooLarge, UnsupportedMediaType
 */
export async function jsonBody(ctx: RouteContext): Promise<object> {
  if (!hasBody(ctx)) return {};
  checkType(ctx);
  const bytes = await parseBody(ctx);
  const { body, rawBody } = ctx.request;
  if (typeof rawBody === 'string' && rawBody.includes('\ufffd') && !isUtf8(bytes)) {
    throw new InvalidJson('The body must be UTF-8');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new InvalidJson(NOT_AN_OBJECT);
  return body;
}

/**
 * Parses the body and returns its bytes, because the parser replaces invalid UTF-8 without an error. The bytes of a
 * compressed body are not its text, so they are not collected.
 */
async function parseBody(ctx: RouteContext): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const collect = (chunk: Buffer) => chunks.push(chunk);
  if (ctx.get('content-encoding') === '') ctx.req.on('data', collect);
  try {
    await parse(ctx, async () => {});
    return Buffer.concat(chunks);
  } finally {
    ctx.req.off('data', collect).resume(); // the unread rest of a refused body would block the next request
  }
}

/** A body without a type counts as JSON. JSON is always UTF-8 (RFC 8259, section 8.1). */
function checkType(ctx: RouteContext): void {
  const { type, charset } = ctx.request;
  if ((type === '' || type === 'application/json') && /^(utf-?8)?$/i.test(charset)) return;
  throw new UnsupportedMediaType(NOT_JSON);
}

/** One of these two headers announces a body (RFC 9112, section 6). */
function hasBody({ req: { headers } }: RouteContext): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The messages of the parser's errors contain parts of the body, so only the status is used. */
function refusalOf(error: Error): Error {
  const status = 'status' in error ? error.status : undefined;
  if (status === 413) return new PayloadTooLarge(TOO_LARGE);
  if (status === 415) return new UnsupportedMediaType('The Content-Encoding of the body is not supported');
  return new InvalidJson(NOT_AN_OBJECT);
}
