import type { RouterMiddleware } from '@koa/router';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { CreateTask } from '../../application/create-task.ts';
import { ListTasks } from '../../application/list-tasks.ts';
import type { TaskRepository } from '../../application/ports/task-repository.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import type { Description } from '../../domain/description.ts';
import type { Instant } from '../../domain/instant.ts';
import type { TaskDetails } from '../../domain/task.ts';
import { Title } from '../../domain/title.ts';
import type { UserId } from '../../domain/user-id.ts';
import { COLUMNS, type TaskColumns } from '../../infrastructure/postgres/tasks/task-columns.ts';
import { createContainer, Ports } from '../../interfaces/composition/container.ts';
import { endpoint } from '../../interfaces/http/contracts/endpoint.ts';
import { created, json, ok, responseBody } from '../../interfaces/http/contracts/http-response.ts';
import { DETAILS, type DetailSchemas } from '../../interfaces/http/contracts/task-details.ts';
import { ERRORS, type Fact } from '../../interfaces/http/errors/error-table.ts';
import type { RequestState } from '../../interfaces/http/pipeline/request-state.ts';
import { requireUser, type UserHandler } from '../../interfaces/http/pipeline/require-user.ts';

/** Never called: that it compiles, faults marked as such, is the test (`npm run check:types`). */
function doesNotCompile(tasks: TaskRepository, tokens: TokenVerifier, handler: UserHandler, user: UserId): void {
  // @ts-expect-error: a query without an owner
  tasks.list({ order: 'newest' });
  // @ts-expect-error: a string is not an owner
  tasks.ownedBy('k3JdP0');
  const create = new CreateTask(tasks, ids);
  // @ts-expect-error: nor is it a title
  create.execute({ owner: user, details: { title: 'Buy groceries', description: undefined } });
  // @ts-expect-error: a use case without its owner
  new ListTasks(tasks).execute({ query: { order: 'newest' } });
  // @ts-expect-error: a handler that wants a user is no route by itself
  const route: RouterMiddleware<RequestState> = handler;
  // @ts-expect-error: nor is one without somebody who tells who it is
  requireUser(handler);
  // @ts-expect-error: an error without a row in the table
  const errors: { readonly [Name in Fact | 'TooManyTasks']: unknown } = ERRORS;
  const container = createContainer({} as never, {} as never);
  // @ts-expect-error: a dependency of another type
  container.bind(ListTasks).toResolvedValue((tasks: TaskRepository) => new ListTasks(tasks), [Ports.TokenVerifier]);
  // @ts-expect-error: a missing dependency
  container.bind(ListTasks).toResolvedValue((tasks: TaskRepository) => new ListTasks(tasks), []);
  const another = (tasks: TaskRepository) => new CreateTask(tasks, ids);
  // @ts-expect-error: another class under this one's name
  container.bind(ListTasks).toResolvedValue(another, [Ports.TaskRepository]);
  void [route, errors, tokens];
}

/** A task with one more detail, as it would be declared in domain/task.ts. */
type MoreDetails = TaskDetails & { readonly dueDate: Instant | undefined };

/** Never called, like the one above. */
function doesNotForget(details: TaskDetails): void {
  // @ts-expect-error: a change that drops the new field
  const changed: MoreDetails = { title: details.title, description: details.description };
  // @ts-expect-error: a table without a column for it
  const columns: TaskColumns<MoreDetails> = COLUMNS;
  // @ts-expect-error: a column that no value is written to
  const written: TaskColumns<MoreDetails> = { ...COLUMNS, dueDate: { name: 'due_date', at: 8 } };
  const whole: TaskColumns<MoreDetails> = {
    ...COLUMNS,
    dueDate: { name: 'due_date', at: 8, value: () => undefined },
  };
  void [changed, columns, written, whole];
}

/** Never called, either. */
function doesNotCompileOnTheWire(): void {
  // @ts-expect-error: a field of the details without a row in the table
  const details: DetailSchemas<TaskDetails & { readonly dueDate: Instant | undefined }> = DETAILS;
  // @ts-expect-error: a required field whose row allows it to be cleared
  const cleared: DetailSchemas<{ readonly title: Title; readonly description: Description }> = DETAILS;
  const total = responseBody(v.object({ total: v.number() }), (total: number) => ({ total }));
  // @ts-expect-error: a body that is not of its schema
  responseBody(v.object({ total: v.number() }), (total: number) => ({ count: total }));
  const declared = {
    method: 'GET',
    path: '/api/tasks/total',
    input: {},
    run: async () => 3,
    responses: { 200: json('The number of tasks', total, 3) },
    operationId: 'total',
    summary: 'Total',
    description: 'Total',
  } as const;
  endpoint({ ...declared, respond: (outcome) => ok(total.of(outcome)) });
  // @ts-expect-error: a status that is not declared
  endpoint({ ...declared, respond: (outcome) => created(total.of(outcome)) });
  // @ts-expect-error: a body that is not of the declared schema
  endpoint({ ...declared, respond: (outcome) => ok({ count: outcome }) });
  void [details, cleared];
}
declare const ids: ConstructorParameters<typeof CreateTask>[1];

describe('code that must not exist', () => {
  it('does not compile', () => {
    expect(doesNotCompile).toBeInstanceOf(Function);
    expect(doesNotForget).toBeInstanceOf(Function);
    expect(doesNotCompileOnTheWire).toBeInstanceOf(Function);
    expectTypeOf(Title('x')).toExtend<string>();
    expectTypeOf<string>().not.toExtend<Title>();
  });
});
