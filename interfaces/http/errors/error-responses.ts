import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import { Misconfigured, RateLimited } from '../../../application/application-errors.ts';
import type { Clock } from '../../../application/ports/clock.ts';
import type { Instant } from '../../../domain/instant.ts';
import type { Contract } from '../contracts/contract.ts';
import { POLICIES } from '../pipeline/rate-limit-headers.ts';
import type { RequestContext, RequestState } from '../pipeline/request-state.ts';
import type { SecurityLog } from '../pipeline/security-log.ts';
import { describeFailure, type Failure } from './error-table.ts';
import { MethodNotAllowed, Overloaded, RouteNotFound } from './http-errors.ts';
import type { SecurityEvent } from './security-event.ts';

/** What error responses need of a contract. */
export interface ErrorFormat extends Pick<Contract, 'statuses'> {
  readonly error: { readonly of: (failure: Failure, at: Instant) => unknown };
}

/** Turns errors into responses in the contract's shape. Logs security events, outages and bugs. */
export function errorResponses(
  contract: ErrorFormat,
  clock: Clock,
  log: Logger,
  securityLog: SecurityLog,
): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next();
      refuseUnrouted(ctx);
    } catch (thrown) {
      const failure = failureUnder(contract, thrown);
      if (failure.event) securityLog.write(securityEvent(failure.event, failure, ctx.state));
      else report(log, ctx.state.requestId, failure);
      const answer = ctx.state.answerTo?.(failure);
      if (answer) {
        ctx.status = answer.status;
        ctx.body = answer.body;
        return;
      }
      ctx.status = failure.status;
      ctx.set(failure.headers);
      ctx.body = contract.error.of(failure, clock.now());
    }
  };
}

/** Describes an error with its status under a contract. */
export function failureUnder({ statuses }: Pick<Contract, 'statuses'>, thrown: unknown): Failure {
  const failure = describeFailure(thrown);
  return { ...failure, status: statuses?.[failure.code] ?? failure.status };
}

function securityEvent(
  event: SecurityEvent['event'],
  { error, detail: reason }: Failure,
  { requestId: request_id, address, user: user_id }: RequestState,
): SecurityEvent {
  const limit = error instanceof RateLimited ? { limit: POLICIES[error.limit] } : {};
  return { event, request_id, address, user_id, reason, ...limit };
}

/** Logs a bug with its stack; an outage, and what an operator has to correct, without one. `Admission` logs an overload, once for many requests. */
function report(log: Logger, request_id: string, { code, error }: Failure): void {
  if (code === 'internal_error') log.error({ request_id, err: error }, code);
  if (code === 'service_unavailable' && error instanceof Error && !(error instanceof Overloaded)) {
    const cause = causeCode(error);
    if (error instanceof Misconfigured) log.error({ request_id, cause, reason: causeMessage(error) }, code);
    else log.warn({ request_id, cause }, code);
  }
}

function causeCode({ cause }: Error): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}

function causeMessage({ cause }: Error): string | undefined {
  return cause instanceof Error ? cause.message : undefined;
}

/** The router leaves the body out when no route has the path (404), or none of its routes has the method (405). */
function refuseUnrouted(ctx: RequestContext): void {
  if (ctx.body !== undefined && ctx.body !== null) return;
  if (ctx.status === 404) throw new RouteNotFound();
  if (ctx.status === 405) throw new MethodNotAllowed(ctx.method, ctx.response.get('Allow'));
}
