import type { Middleware } from 'koa';
import type { RequestContext, RequestState } from './request-state.ts';

/** Receives what is measured of requests. */
export interface RequestMetrics {
  requestStarted(): void;
  requestFinished(request: {
    readonly contract: string;
    readonly operation: string;
    readonly status: number;
    readonly durationSeconds: number;
  }): void;
}

/** The status of a response that did not arrive in full, as nginx logs it. */
const CLIENT_LEFT = 499;

/**
 * Measures each request, from its arrival to the end of its response. A stream of events, which may last for hours, is
 * measured until it begins.
 *
 * @param contractOf the name of the contract that answers the request
 */
export function requestMetrics(
  metrics: RequestMetrics,
  contractOf: (ctx: RequestContext) => string,
): Middleware<RequestState> {
  return async (ctx, next) => {
    const startMs = performance.now();
    metrics.requestStarted();
    const finish = (status: number) =>
      metrics.requestFinished({
        contract: contractOf(ctx),
        operation: operationOf(ctx),
        status,
        durationSeconds: (performance.now() - startMs) / 1000,
      });
    const onClose = () => finish(ctx.res.writableFinished ? ctx.res.statusCode : CLIENT_LEFT);
    ctx.res.once('close', onClose);
    await next();
    if (!ctx.state.sendsEvents || ctx.res.closed) return;
    ctx.res.off('close', onClose);
    finish(ctx.status);
  };
}

/** The name of the route; one word for every path that has none, so that requests cannot make up names. */
function operationOf(ctx: RequestContext): string {
  if ('_matchedRouteName' in ctx && typeof ctx._matchedRouteName === 'string') return ctx._matchedRouteName;
  if ('_matchedRoute' in ctx) return 'other';
  if (ctx.state.overloaded) return 'refused';
  return ctx.method === 'OPTIONS' ? 'preflight' : 'unknown';
}
