import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import bodyParser from 'koa-bodyparser';
import { InvalidJson, PayloadTooLarge, UnsupportedMediaType } from '../errors/http-errors.ts';
import { decodeBody } from './content-coding.ts';
import { parseMediaType } from './media-type.ts';
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
 * Parses the body and returns its bytes without their content coding, because the parser replaces invalid UTF-8 without an
 * error.
 */
async function parseBody(ctx: RouteContext): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const body = decodeBody(ctx.req);
  const collect = (chunk: Buffer) => chunks.push(chunk);
  body.stream.on('data', collect);
  try {
    await parse(withBody(ctx, body.stream), async () => {});
    return Buffer.concat(chunks);
  } finally {
    body.stream.off('data', collect);
    body.discard();
  }
}

/** The context as the parser sees it. The headers describe the encoded body. */
function withBody(ctx: RouteContext, stream: Readable): RouteContext {
  if (stream === ctx.req) return ctx;
  return Object.create(ctx, { req: { value: Object.assign(stream, { headers: {} }) } });
}

/** A body without a type counts as JSON. JSON is always UTF-8 (RFC 8259, section 8.1). */
function checkType(ctx: RouteContext): void {
  const field = ctx.get('content-type');
  if (field === '') return;
  const { type, parameters = [] } = parseMediaType(field) ?? {};
  const charsets = parameters.filter(([name]) => name === 'charset').map(([, value]) => value);
  if (type === 'application/json' && charsets.every((charset) => /^(utf-?8)?$/i.test(charset))) return;
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
  return new InvalidJson(NOT_AN_OBJECT);
}
