import cors from '@koa/cors';
import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import { AllowedOrigins } from './allowed-origins.ts';
import type { RequestContext, RequestState } from './request-state.ts';

/** The most request headers that a preflight request is allowed, and the longest name. Browsers ask for a few. */
const HEADERS_MAX = 100;
const HEADER_NAME_MAX = 100;
/** How many refused origins are logged, and how much of each. */
const LOGGED_ORIGINS_MAX = 100;
const LOGGED_ORIGIN_LENGTH_MAX = 200;

/** The response headers that pages can read. */
const EXPOSED_HEADERS = [
  'X-Request-Id',
  'Retry-After',
  'WWW-Authenticate',
  'RateLimit',
  'RateLimit-Policy',
  'ETag',
  'X-Task-Position',
  'Idempotency-Replayed',
  'Link',
  'X-Total-Count',
  'set-auth-jwt',
];

/**
 * Allows pages of these origins to call the server, with any request headers: libraries for tracing add their own to every
 * request. It wraps everything that can fail, because a browser hides an error response without CORS headers from the
 * page.
 *
 * @param origins see `parseOrigin`
 * @param log gets one line for each origin that is refused
 * @throws RangeError if one of them is not an origin
 */
export function corsFor(origins: readonly string[], log: Pick<Logger, 'debug'>): Middleware<RequestState> {
  const allowed = new AllowedOrigins(origins);
  const refused = new Set<string>();
  const logRefusal = (origin: string) => {
    if (refused.size >= LOGGED_ORIGINS_MAX || refused.has(origin)) return;
    refused.add(origin);
    log.debug({ origin }, 'CORS_ORIGINS does not allow the origin of a page');
  };
  const handle = cors({
    origin: (ctx) => {
      const origin = ctx.get('origin');
      if (allowed.include(origin)) return origin;
      const isOwn = origin === `${ctx.protocol}://${ctx.host}`;
      if (origin !== '' && !isOwn) logRefusal(origin.slice(0, LOGGED_ORIGIN_LENGTH_MAX));
      return '';
    },
    credentials: true,
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    exposeHeaders: EXPOSED_HEADERS,
    maxAge: 600,
  });
  return async (ctx, next) => {
    await handle(ctx, next);
    limitAllowedHeaders(ctx);
  };
}

/** The library allows the headers as they are asked for. */
function limitAllowedHeaders(ctx: RequestContext): void {
  const names = ctx.res.getHeader('Access-Control-Allow-Headers');
  if (names === undefined) return;
  const valid = String(names)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name.length <= HEADER_NAME_MAX && /^[!#$%&'*+.^_`|~\w-]+$/.test(name));
  ctx.set('Access-Control-Allow-Headers', valid.slice(0, HEADERS_MAX).join(','));
  ctx.vary('Access-Control-Request-Headers');
}
