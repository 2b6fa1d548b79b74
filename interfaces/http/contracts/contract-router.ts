import { METHODS } from 'node:http';
import { Readable } from 'node:stream';
import Router from '@koa/router';
import type { RequestGuard } from '../../../application/request-guard.ts';
import type { UseCases } from '../../../application/use-cases.ts';
import { jsonBody } from '../pipeline/json-body.ts';
import type { RequestState, RouteContext } from '../pipeline/request-state.ts';
import { requireUser } from '../pipeline/require-user.ts';
import type { Contract } from './contract.ts';
import type { HttpRequest } from './endpoint.ts';
import type { HttpResponse } from './http-response.ts';

/**
 * Makes routes of a contract's endpoints. Nothing else connects endpoints with Koa.
 *
 * @param prefix precedes the contract's own paths: empty, or `/contracts/<name>`
 */
export function contractRouter(
  { endpoints }: Contract,
  prefix: string,
  useCases: UseCases,
  guard: RequestGuard,
): Router<RequestState> {
  // With all methods known, the router answers 405 and not 501 to a method that a path does not have.
  const router = new Router<RequestState>({ prefix, sensitive: true, methods: METHODS });
  for (const endpoint of endpoints) {
    const route =
      endpoint.access === 'public'
        ? async (ctx: RouteContext) => send(ctx, await endpoint.handle(useCases, new KoaRequest(ctx)))
        : requireUser(guard, async (ctx, owner) =>
            send(ctx, await endpoint.handle(useCases, new KoaRequest(ctx), owner)),
          );
    router.register(endpoint.path, [endpoint.method], route, { name: endpoint.operationId });
  }
  return router;
}

/** A request in Koa's terms. The query is parsed only when an endpoint reads it. */
class KoaRequest implements HttpRequest {
  constructor(private readonly ctx: RouteContext) {}

  get path(): unknown {
    return this.ctx.params;
  }

  get query(): unknown {
    return this.ctx.query;
  }

  readBody(): Promise<object> {
    return jsonBody(this.ctx);
  }
}

function send(ctx: RouteContext, { status, headers, body }: HttpResponse): void {
  if (headers) ctx.set(headers);
  ctx.status = status;
  // Koa destroys a Node stream whose client has gone, but not a web stream.
  if (body !== undefined) ctx.body = body instanceof ReadableStream ? Readable.fromWeb(body) : body;
}
