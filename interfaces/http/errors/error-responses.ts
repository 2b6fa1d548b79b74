import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import type { Clock } from '../../../application/ports/clock.ts';
import { type Contract, statusOf } from '../contracts/contract.ts';
import type { RequestContext, RequestState } from '../pipeline/request-state.ts';
import type { SecurityLog } from '../pipeline/security-log.ts';
import { type ErrorKind, failureOf, RequestRefused } from './http-errors.ts';
import { securityEventOf } from './security-event.ts';

/** Whatever goes wrong further in is answered here, in the contract's shape; what nobody foresaw is also logged. */
export function errorResponses(
  contract: Contract,
  clock: Clock,
  log: Logger,
  securityLog: SecurityLog,
): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next();
      refuseUnanswered(ctx);
    } catch (thrown) {
      const failure = failureOf(thrown);
      const status = statusOf(contract, failure.kind);
      const event = securityEventOf(thrown, ctx.state);
      if (event) securityLog.write(event);
      else report(log, ctx, failure.kind, thrown);
      ctx.status = status;
      ctx.set(failure.headers);
      ctx.body = contract.responses.error.of({ ...failure, status }, clock.now());
    }
  };
}

/** A line for what somebody has to look at: a bug with its stack, an outage without one. */
function report(log: Logger, ctx: RequestContext, kind: ErrorKind, thrown: unknown): void {
  const request_id = ctx.state.requestId;
  if (kind === 'internal_error') log.error({ request_id, err: thrown }, kind);
  if (kind === 'service_unavailable' && thrown instanceof Error) {
    log.warn({ request_id, cause: codeOf(thrown.cause) }, kind);
  }
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
