import { METHODS } from 'node:http';
import Router from '@koa/router';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import type { Contract } from './contract.ts';
import { jsonBody } from './json-body.ts';
import type { RequestState, RouteContext } from './request-state.ts';
import { type SignedInHandler, signedIn } from './signed-in.ts';
import type { UseCases } from './use-cases.ts';
import { fields, parsed } from './wire.ts';

/**
 * The routes of one contract.
 *
 * @param prefix what stands before the contract's own paths: nothing, or `/contracts/<name>`
 */
export function contractRouter(
  contract: Contract,
  prefix: string,
  { createTask, getTask, listTasks, updateTask, toggleTask, deleteTask }: UseCases,
  tokens: TokenVerifier,
): Router<RequestState> {
  // Knowing all methods, the router answers 405 and not 501 to those that a path does not have.
  const router = new Router<RequestState>({ prefix, sensitive: true, methods: METHODS });
  const { present } = contract;
  const collection = contract.path;
  const one = `${collection}/:id`;
  const path = fields({ id: contract.id });
  const taskOf = (ctx: RouteContext) => parsed(path, ctx.params).id;
  const route = (handler: SignedInHandler) => signedIn(tokens, handler);

  router.get(
    collection,
    route(async (ctx, owner) => {
      const query = parsed(contract.query, ctx.query);
      ctx.body = present.list(await listTasks.execute({ owner, query }));
    }),
  );

  router.post(
    collection,
    route(async (ctx, owner) => {
      const { title, description } = parsed(contract.create, await jsonBody(ctx));
      ctx.body = present.task(await createTask.execute({ owner, title, description }), 'create');
      ctx.status = 201;
    }),
  );

  router.get(
    one,
    route(async (ctx, owner) => {
      ctx.body = present.task(await getTask.execute({ owner, task: taskOf(ctx) }), 'read');
    }),
  );

  for (const [method, body] of Object.entries(contract.update)) {
    router.register(
      one,
      [method],
      route(async (ctx, owner) => {
        const task = taskOf(ctx);
        const change = parsed(body, await jsonBody(ctx));
        ctx.body = present.task(await updateTask.execute({ owner, task, change }), 'update');
      }),
    );
  }

  if (contract.toggle !== undefined) {
    const { paths, body } = contract.toggle;
    router.patch(
      paths.map((path) => `${one}/${path}`),
      route(async (ctx, owner) => {
        const task = taskOf(ctx);
        const sent = await jsonBody(ctx);
        const change = body && parsed(body, sent);
        const updated = change ? updateTask.execute({ owner, task, change }) : toggleTask.execute({ owner, task });
        ctx.body = present.task(await updated, 'toggle');
      }),
    );
  }

  router.delete(
    one,
    route(async (ctx, owner) => {
      await deleteTask.execute({ owner, task: taskOf(ctx) });
      const body = present.deleted();
      if (body === undefined) ctx.status = 204;
      else ctx.body = body;
    }),
  );

  return router;
}
