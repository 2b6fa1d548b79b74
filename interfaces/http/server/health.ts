import type { RouterMiddleware } from '@koa/router';
import * as v from 'valibot';
import type { Clock } from '../../../application/ports/clock.ts';
import type { Instant } from '../../../domain/instant.ts';
import { responseBody } from '../contracts/http-response.ts';
import type { RequestState } from '../pipeline/request-state.ts';

/** The environment that a server runs in. Defaults and strictness depend on it. */
export type Environment = 'dev' | 'staging' | 'production';

/** The body of `/health`. */
export const healthBody = responseBody(
  v.object({
    status: v.literal('ok'),
    environment: v.picklist(['dev', 'staging', 'production']),
    timestamp: v.pipe(v.string(), v.isoTimestamp()),
  }),
  (environment: Environment, at: Instant) => ({ status: 'ok' as const, environment, timestamp: at }),
);

/** Reports that the process responds. It does not query the database: a restart of the server would not repair that. */
export function health(environment: Environment, clock: Clock): RouterMiddleware<RequestState> {
  return (ctx) => {
    ctx.body = healthBody.of(environment, clock.now());
  };
}
