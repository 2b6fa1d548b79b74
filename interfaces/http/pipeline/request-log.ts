import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';
import type { RequestState } from './request-state.ts';

/** Logs one line per response. It names the route, because the path and the query can contain text of users. */
export function requestLog(log: Logger, clock: Clock): Middleware<RequestState> {
  return async (ctx, next) => {
    const start = clock.monotonicMs();
    try {
      await next();
    } finally {
      log.info(
        {
          request_id: ctx.state.requestId,
          method: ctx.method,
          route: '_matchedRoute' in ctx ? ctx._matchedRoute : undefined,
          status: ctx.status,
          duration_ms: Math.round((clock.monotonicMs() - start) * 1000) / 1000,
          user_id: ctx.state.user,
        },
        'request',
      );
    }
  };
}
