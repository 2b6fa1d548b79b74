import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import { type Contract, statusOf } from './contract.ts';
import { type ErrorKind, failureOf, RequestRefused } from './errors.ts';
import type { RequestContext, RequestState } from './request-state.ts';

/** Whatever goes wrong further in is answered here, in the contract's shape; what nobody foresaw is also logged. */
export function errorResponses(contract: Contract, clock: Clock, log: Logger): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next();
      refuseUnanswered(ctx);
    } catch (thrown) {
      const failure = failureOf(thrown);
      const status = statusOf(contract, failure.kind);
      report(log, ctx, failure.kind, thrown);
      ctx.status = status;
      ctx.set(failure.headers);
      ctx.body = contract.responses.error.of({ ...failure, status }, clock.now());
    }
  };
}

/** A line for what somebody has to look at: a bug with its stack, an outage and what looks like an attack without one. */
function report(log: Logger, ctx: RequestContext, kind: ErrorKind, thrown: unknown): void {
  const request_id = ctx.state.requestId;
  if (kind === 'internal_error') log.error({ request_id, err: thrown }, kind);
  if (!(thrown instanceof Error)) return;
  if (kind === 'service_unavailable') log.warn({ request_id, cause: codeOf(thrown.cause) }, kind);
  if (kind === 'unauthorized') log.warn({ event: 'auth.failed', request_id, reason: thrown.message }, kind);
  if (kind === 'forbidden') log.warn({ event: 'access.user_mismatch', request_id, user_id: ctx.state.user }, kind);
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

/** A path that no route took, or whose routes have another method: the router leaves both without a body. */
function refuseUnanswered(ctx: RequestContext): void {
  if (ctx.body !== undefined && ctx.body !== null) return;
  if (ctx.status === 404) throw nothingHere();
  if (ctx.status === 405) {
    const allowed = ctx.response.get('Allow');
    throw new RequestRefused('method_not_allowed', `This path does not know ${ctx.method}, only ${allowed}`);
  }
}

export function nothingHere(): RequestRefused {
  return new RequestRefused('route_not_found', 'There is nothing at this path');
}
