import type { TaskChange } from '../../../domain/task-change.ts';
import type { Contract } from './contract.ts';
import type { Schema } from './validation.ts';

/** One method at one path of a contract, with parameters as `:user_id` and `:id`: of it come a route and its documentation. */
export type Endpoint = { readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; readonly path: string } & (
  | { readonly operation: 'list'; readonly query: Contract['query'] }
  | { readonly operation: 'create'; readonly body: Contract['create'] }
  | { readonly operation: 'read' | 'delete' }
  | { readonly operation: 'update'; readonly body: Schema<TaskChange> }
  | { readonly operation: 'toggle'; readonly body: Schema<TaskChange | undefined> | undefined }
);

export function endpointsOf({ path, query, create, update, toggle }: Contract): readonly Endpoint[] {
  const one = `${path}/:id`;
  const { PUT, PATCH } = update;
  return [
    { operation: 'list', method: 'GET', path, query },
    { operation: 'create', method: 'POST', path, body: create },
    { operation: 'read', method: 'GET', path: one },
    ...(PUT ? [{ operation: 'update', method: 'PUT', path: one, body: PUT } as const] : []),
    ...(PATCH ? [{ operation: 'update', method: 'PATCH', path: one, body: PATCH } as const] : []),
    ...(toggle?.paths ?? []).map(
      (path) => ({ operation: 'toggle', method: 'PATCH', path: `${one}/${path}`, body: toggle?.body }) as const,
    ),
    { operation: 'delete', method: 'DELETE', path: one },
  ];
}
