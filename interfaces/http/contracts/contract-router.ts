import { METHODS } from 'node:http';
import Router from '@koa/router';
import type { RequestGuard } from '../../../application/request-guard.ts';
import type { UseCases } from '../../../application/use-cases.ts';
import { jsonBody } from '../pipeline/json-body.ts';
import type { RequestState, RouteContext } from '../pipeline/request-state.ts';
import { requireUser, type UserHandler } from '../pipeline/require-user.ts';
import type { Contract } from './contract.ts';
import { type Endpoint, endpointsOf } from './endpoints.ts';
import { fields, parse } from './validation.ts';

/**
 * The routes of one contract.
 *
 * @param prefix what stands before the contract's own paths: nothing, or `/contracts/<name>`
 */
export function contractRouter(
  contract: Contract,
  prefix: string,
  useCases: UseCases,
  guard: RequestGuard,
): Router<RequestState> {
  // Knowing all methods, the router answers 405 and not 501 to those that a path does not have.
  const router = new Router<RequestState>({ prefix, sensitive: true, methods: METHODS });
  for (const endpoint of endpointsOf(contract)) {
    router.register(endpoint.path, [endpoint.method], requireUser(guard, handlerOf(endpoint, contract, useCases)));
  }
  return router;
}

/** What is done at an endpoint: the wire's values become the domain's, a use case runs, the contract tells the outcome. */
function handlerOf(endpoint: Endpoint, { id, responses }: Contract, useCases: UseCases): UserHandler {
  const path = fields({ id });
  const taskIn = (ctx: RouteContext) => parse(path, ctx.params).id;
  switch (endpoint.operation) {
    case 'list':
      return async (ctx, owner) => {
        const query = parse(endpoint.query, ctx.query);
        ctx.body = responses.list.of(await useCases.listTasks.execute({ owner, query }));
      };
    case 'create':
      return async (ctx, owner) => {
        const details = parse(endpoint.body, await jsonBody(ctx));
        ctx.body = responses.one.of(await useCases.createTask.execute({ owner, details }), 'create');
        ctx.status = 201;
      };
    case 'read':
      return async (ctx, owner) => {
        ctx.body = responses.one.of(await useCases.getTask.execute({ owner, task: taskIn(ctx) }), 'read');
      };
    case 'update':
      return async (ctx, owner) => {
        const task = taskIn(ctx);
        const change = parse(endpoint.body, await jsonBody(ctx));
        ctx.body = responses.one.of(await useCases.updateTask.execute({ owner, task, change }), 'update');
      };
    case 'toggle':
      return async (ctx, owner) => {
        const task = taskIn(ctx);
        const sent = await jsonBody(ctx);
        const change = endpoint.body && parse(endpoint.body, sent);
        const toggled = change
          ? useCases.updateTask.execute({ owner, task, change })
          : useCases.toggleTask.execute({ owner, task });
        ctx.body = responses.one.of(await toggled, 'toggle');
      };
    case 'delete':
      return async (ctx, owner) => {
        await useCases.deleteTask.execute({ owner, task: taskIn(ctx) });
        if (responses.deleted) ctx.body = responses.deleted.of();
        else ctx.status = 204;
      };
  }
}
