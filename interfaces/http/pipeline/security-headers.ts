import type { Middleware } from 'koa';
import type { RequestState } from './request-state.ts';

/** Responses are JSON about one user. Browsers must not cache or frame them, guess their type, or run them as a page. */
const HEADERS = new Map(
  Object.entries({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  }),
);

/** Sets these headers on every response. */
export const securityHeaders: Middleware<RequestState> = (ctx, next) => {
  ctx.res.setHeaders(HEADERS);
  return next();
};
