import cors from '@koa/cors';
import type { Middleware } from 'koa';
import type { RequestState } from './request-state.ts';

/**
 * Allows pages of these origins to call the server. It wraps everything that can fail, because a browser hides an error
 * response without CORS headers from the page.
 */
export function corsFor(origins: readonly string[]): Middleware<RequestState> {
  const allowed = new Set(origins);
  return cors({
    origin: (ctx) => {
      const origin = ctx.get('origin');
      return allowed.has(origin) ? origin : '';
    },
    credentials: true,
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    allowHeaders: ['Authorization', 'Content-Type', 'X-Request-Id'],
    exposeHeaders: ['X-Request-Id', 'Retry-After', 'WWW-Authenticate', 'RateLimit', 'RateLimit-Policy', 'set-auth-jwt'],
    maxAge: 600,
  });
}
