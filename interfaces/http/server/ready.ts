import type { RouterMiddleware } from '@koa/router';
import * as v from 'valibot';
import type { Clock } from '../../../application/ports/clock.ts';
import type { Instant } from '../../../domain/instant.ts';
import { responseBody } from '../contracts/http-response.ts';
import type { RequestState } from '../pipeline/request-state.ts';
import type { Readiness, Verdict } from './readiness.ts';

export const readyBody = responseBody(
  v.object({
    status: v.picklist(['ready', 'not_ready']),
    reason: v.optional(v.string()),
    note: v.optional(v.string()),
    timestamp: v.pipe(v.string(), v.isoTimestamp()),
  }),
  ({ ready, ...details }: Verdict, at: Instant) => ({
    status: ready ? ('ready' as const) : ('not_ready' as const),
    ...details,
    timestamp: at,
  }),
);

/** Tells load balancers whether to send requests here: 200 or 503, with the reason. */
export function ready(readiness: Pick<Readiness, 'verdict'>, clock: Clock): RouterMiddleware<RequestState> {
  return async (ctx) => {
    const verdict = await readiness.verdict();
    ctx.status = verdict.ready ? 200 : 503;
    ctx.body = readyBody.of(verdict, clock.now());
  };
}
