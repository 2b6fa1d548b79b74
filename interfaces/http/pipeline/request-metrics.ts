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
 * Measures each request, from its arrival to the end of its response.
 *
 * @param contractOf the name of the contract that answers the request
 */
export function requestMetrics(
  metrics: RequestMetrics,
  contractOf: (ctx: RequestContext) => string,
): Middleware<RequestState> {
  return (ctx, next) => {
    const startMs = performance.now();
    metrics.requestStarted();
    ctx.res.once('close', () =>
      metrics.requestFinished({
        contract: contractOf(ctx),
        operation: operationOf(ctx),
        status: ctx.res.writableFinished ? ctx.res.statusCode : CLIENT_LEFT,
        durationSeconds: (performance.now() - startMs) / 1000,
      }),
    );
    return next();
  };
}

/** The name of the route; one word for every path that has none, so that requests cannot make up names. */
function operationOf(ctx: RequestContext): string {
  if ('_matchedRouteName' in ctx && typeof ctx._matchedRouteName === 'string') return ctx._matchedRouteName;
  if ('_matchedRoute' in ctx) return 'other';
  if (ctx.state.overloaded) return 'refused';
  return ctx.method === 'OPTIONS' ? 'preflight' : 'unknown';
}
