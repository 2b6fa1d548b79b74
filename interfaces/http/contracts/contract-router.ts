import { METHODS } from 'node:http';
import Router, { type MatchResult } from '@koa/router';
import type { RequestGuard } from '../../../application/request-guard.ts';
import type { UseCases } from '../../../application/use-cases.ts';
import type { RequestState, RouteContext } from '../pipeline/request-state.ts';
import { requireUser } from '../pipeline/require-user.ts';
import { sendResponse } from '../pipeline/send-response.ts';
import type { UnreadResponses } from '../pipeline/unread-responses.ts';
import type { Contract } from './contract.ts';

/**
 * Makes a route of each endpoint of a contract.
 *
 * @param prefix precedes the contract's own paths: empty, or `/contracts/<name>`
 */
export function contractRouter(
  { endpoints }: Contract,
  prefix: string,
  useCases: UseCases,
  guard: RequestGuard,
  unread: UnreadResponses,
): Router<RequestState> {
  // With all methods known, the router answers 405 and not 501 to a method that a path does not have.
  const router = new Router<RequestState>({ prefix, sensitive: true, methods: METHODS });
  const match = router.match.bind(router);
  router.match = (path, method) => ofFirstPath(match(path, method));
  for (const endpoint of endpoints) {
    const route =
      endpoint.access === 'public'
        ? async (ctx: RouteContext) => {
            if (endpoint.answerTo) ctx.state.answerTo = endpoint.answerTo;
            return sendResponse(ctx, await endpoint.handle(useCases, ctx), unread);
          }
        : requireUser(guard, unread, (ctx, admitted) => endpoint.handle(useCases, ctx, admitted));
    router.register(endpoint.path, [endpoint.method], route, { name: endpoint.operationId });
  }
  return router;
}

/**
 * The first route that matches a path decides which methods the path has: those of the routes that are declared with the
 * same path. Otherwise `PUT /tasks/changes` would be a request to a task whose id is `changes`, and 405 and OPTIONS would
 * name the methods of a task.
 */
function ofFirstPath(found: MatchResult<RequestState>): MatchResult<RequestState> {
  const [first] = found.path;
  const path = found.path.filter((route) => route.path === first?.path);
  const pathAndMethod = found.pathAndMethod.filter((route) => path.includes(route));
  return { path, pathAndMethod, route: pathAndMethod.length > 0 };
}
