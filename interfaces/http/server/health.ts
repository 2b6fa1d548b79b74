import type { RouterMiddleware } from '@koa/router';
import * as v from 'valibot';
import type { Clock } from '../../../application/ports/clock.ts';
import type { Instant } from '../../../domain/instant.ts';
import { responseBody } from '../contracts/http-response.ts';
import type { RequestState } from '../pipeline/request-state.ts';

/** Where a server runs: how strict it is, and what it is by default, depend on it. */
export type Environment = 'dev' | 'staging' | 'production';

export const healthBody = responseBody(
  v.object({
    status: v.literal('ok'),
    environment: v.picklist(['dev', 'staging', 'production']),
    timestamp: v.pipe(v.string(), v.isoTimestamp()),
  }),
  (environment: Environment, at: Instant) => ({ status: 'ok' as const, environment, timestamp: at }),
);

/** Says that the process answers. It asks nothing of the database: restarting the server would not mend that. */
export function health(environment: Environment, clock: Clock): RouterMiddleware<RequestState> {
  return (ctx) => {
    ctx.body = healthBody.of(environment, clock.now());
  };
}
