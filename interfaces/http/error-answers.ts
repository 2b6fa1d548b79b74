import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import { type Contract, statusOf } from './contract.ts';
import { failureOf, RequestRefused } from './errors.ts';
import type { RequestContext, RequestState } from './request-state.ts';

/** Whatever goes wrong further in is answered here, in the contract's shape; what nobody foresaw is also logged. */
export function errorAnswers(contract: Contract, clock: Clock, log: Logger): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next();
      refuseUnanswered(ctx);
    } catch (thrown) {
      const failure = failureOf(thrown);
      const status = statusOf(contract, failure.kind);
      if (status >= 500) log.error({ request_id: ctx.state.requestId, err: thrown }, failure.kind);
      ctx.status = status;
      ctx.set(failure.headers);
      ctx.body = contract.answers.error.of({ ...failure, status }, clock.now());
    }
  };
}

/** A path that no route took, or whose routes have another method: the router leaves both without a body. */
function refuseUnanswered(ctx: RequestContext): void {
  if (ctx.body !== undefined && ctx.body !== null) return;
  if (ctx.status === 404) throw new RequestRefused('route_not_found', 'There is nothing at this path');
  if (ctx.status === 405) {
    const allowed = ctx.response.get('Allow');
    throw new RequestRefused('method_not_allowed', `This path does not know ${ctx.method}, only ${allowed}`);
  }
}
