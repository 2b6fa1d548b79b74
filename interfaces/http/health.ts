import type { RouterMiddleware } from '@koa/router';
import type { Clock } from '../../application/ports/clock.ts';
import type { RequestState } from './request-state.ts';

/** Says that the process answers. It asks nothing of the database: restarting the server would not mend that. */
export function health(environment: string, clock: Clock): RouterMiddleware<RequestState> {
  return (ctx) => {
    ctx.body = { status: 'ok', environment, timestamp: clock.now() };
  };
}
