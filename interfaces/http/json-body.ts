import bodyParser from 'koa-bodyparser';
import { RequestRefused } from './errors.ts';
import type { RouteContext } from './request-state.ts';

const options = {
  enableTypes: ['json'],
  jsonLimit: '1mb',
  // A `__proto__` in a body is one more unknown field: it goes, and the rest stays.
  onProtoPoisoning: 'remove',
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
  if (!ctx.is('application/json')) {
    throw new RequestRefused('unsupported_media_type', 'The body must be sent as Content-Type: application/json');
  }
  await parse(ctx, async () => {});
  const { body } = ctx.request;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw notAnObject();
  return body;
}

/** RFC 9112, section 6: a body is announced by one of these two, and by nothing else. */
function hasBody({ req: { headers } }: RouteContext): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** What the parser throws carries a status, but also a part of what was sent: nothing of its message goes on. */
function refusal(error: Error): RequestRefused {
  const status = 'status' in error ? error.status : undefined;
  if (status === 413) return new RequestRefused('payload_too_large', 'The body must be at most 1 MiB');
  if (status === 415)
    return new RequestRefused('unsupported_media_type', 'The Content-Encoding of the body is not supported');
  return notAnObject();
}

function notAnObject(): RequestRefused {
  return new RequestRefused('invalid_json', 'The body must be a JSON object');
}
