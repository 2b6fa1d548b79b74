import type { RouterMiddleware } from '@koa/router';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { CreateTask } from '../../application/create-task.ts';
import { ListTasks } from '../../application/list-tasks.ts';
import type { TaskRepository } from '../../application/ports/task-repository.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import type { Instant } from '../../domain/instant.ts';
import type { TaskDetails } from '../../domain/task.ts';
import { Title } from '../../domain/title.ts';
import type { UserId } from '../../domain/user-id.ts';
import { COLUMNS, type TaskColumns } from '../../infrastructure/postgres/tasks/task-columns.ts';
import { createContainer, Ports } from '../../interfaces/composition/container.ts';
import { ERRORS, type ErrorKind } from '../../interfaces/http/errors/http-errors.ts';
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
  // @ts-expect-error: an error kind without a status
  const errors: Record<ErrorKind | 'new_kind', { status: number; category: string }> = ERRORS;
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
declare const ids: ConstructorParameters<typeof CreateTask>[1];

describe('what must not happen', () => {
  it('cannot be written', () => {
    expect(doesNotCompile).toBeInstanceOf(Function);
    expect(doesNotForget).toBeInstanceOf(Function);
    expectTypeOf(Title('x')).toExtend<string>();
    expectTypeOf<string>().not.toExtend<Title>();
  });
});
