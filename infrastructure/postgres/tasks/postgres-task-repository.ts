import { Unauthenticated } from '../../../application/errors.ts';
import type { Erased, OwnedTasks, TaskRepository } from '../../../application/ports/task-repository.ts';
import { rehydrate, type Task, type TaskQuery, type TaskRef } from '../../../domain/task.ts';
import { changesNothing, cleared, toggled } from '../../../domain/task-change.ts';
import type { TaskWrite, Written } from '../../../domain/task-write.ts';
import type { UserId } from '../../../domain/user-id.ts';
import { errorCode } from '../../error-code.ts';
import type { PostgresDatabase } from '../connection/postgres-database.ts';
import type { Parameter } from '../connection/statement-group.ts';
import { instantFromPostgres } from './instant-from-text.ts';
import {
  CHANGE_TASK,
  FIND_TASK,
  INSERT_TASK,
  LIST_TASKS,
  REMOVE_ALL_TASKS,
  REMOVE_TASK,
  type Statement,
} from './task-statements.ts';

/** Tasks in PostgreSQL: each method is one statement, so one round trip and one atomic step. */
export class PostgresTaskRepository implements TaskRepository {
  constructor(private readonly database: PostgresDatabase) {}

  ownedBy(owner: UserId): OwnedTasks {
    return new PostgresTasks(this.database, owner);
  }
}

class PostgresTasks implements OwnedTasks {
  private readonly writes: { readonly [Kind in TaskWrite['kind']]: WriteMethod<Kind> } = {
    create: (write) => this.create(write),
    change: (write) => this.change(write),
    remove: (write) => this.remove(write),
  };

  constructor(
    private readonly database: PostgresDatabase,
    private readonly owner: UserId,
  ) {}

  write<Kind extends TaskWrite['kind']>(write: TaskWrite<Kind>): Promise<Written<Kind>> {
    const apply: WriteMethod<Kind> = this.writes[write.kind];
    return apply(write);
  }

  private async create({ id, details: { title, description } }: TaskWrite<'create'>): Promise<Written<'create'>> {
    const [row] = await this.run(INSERT_TASK, [this.owner, id, title, description ?? null]).catch(refuseGoneUser);
    if (row === undefined) throw new Error('an insert gave no row back');
    return { outcome: 'done', task: taskOf(this.owner, row) };
  }

  async find(ref: TaskRef): Promise<Task | undefined> {
    const [row] = await this.run(keyed(FIND_TASK, ref), [this.owner, keyOf(ref)]);
    return row && taskOf(this.owner, row);
  }

  async list({ completed, order }: TaskQuery): Promise<readonly Task[]> {
    const { all, byCompletion } = LIST_TASKS[order];
    const rows = await (completed === undefined
      ? this.run(all, [this.owner])
      : this.run(byCompletion, [this.owner, completed]));
    return rows.map((row) => taskOf(this.owner, row));
  }

  private async change({ task: ref, change }: TaskWrite<'change'>): Promise<Written<'change'>> {
    if (changesNothing(change)) return doneOrAbsent(await this.find(ref));
    const { title, description, completed } = change;
    const [row] = await this.run(keyed(CHANGE_TASK, ref), [
      this.owner,
      keyOf(ref),
      title ?? null,
      description !== undefined,
      description === cleared ? null : (description ?? null),
      completed === toggled ? null : (completed ?? null),
      completed === toggled,
    ]);
    return doneOrAbsent(row && taskOf(this.owner, row));
  }

  private async remove({ task: ref }: TaskWrite<'remove'>): Promise<Written<'remove'>> {
    const removed = await this.database.run(keyed(REMOVE_TASK, ref), [this.owner, keyOf(ref)]);
    return { outcome: removed.length === 1 ? 'done' : 'absent' };
  }

  async removeAll(): Promise<Erased> {
    const [row] = await this.database.runAtOneMoment<ErasedRow>(REMOVE_ALL_TASKS, [this.owner]);
    const [lastNumber, tasks] = row ?? [null, '0'];
    return { tasks: Number(tasks), lastNumber: lastNumber === null ? undefined : Number(lastNumber) };
  }

  private run(statement: Statement, values: readonly Parameter[]): Promise<readonly TaskRow[]> {
    return this.database.run<TaskRow>(statement, values);
  }
}

type WriteMethod<Kind extends TaskWrite['kind']> = (write: TaskWrite<Kind>) => Promise<Written<Kind>>;

function doneOrAbsent(task: Task | undefined): Written<'change'> {
  return task === undefined ? { outcome: 'absent' } : { outcome: 'done', task };
}

/** The variant of a statement for the name by which a task is asked for. */
function keyed(statement: { id: Statement; number: Statement }, ref: TaskRef): Statement {
  return 'id' in ref ? statement.id : statement.number;
}

function keyOf(ref: TaskRef): string | number {
  return 'id' in ref ? ref.id : ref.number;
}

/**
 * 23503 foreign_key_violation: where users are linked (`taskwell link-users`), a token outlives its user for some
 * minutes. The code alone decides: through Citus an error does not name its constraint.
 */
function refuseGoneUser(error: unknown): never {
  throw errorCode(error) === '23503' ? new Unauthenticated('the user no longer exists', true) : error;
}

type ErasedRow = readonly [lastNumber: string | null, tasks: string];

/** The columns that statements.ts names for a task. */
type TaskRow = readonly [
  id: string,
  number: string,
  title: string,
  description: string | null,
  completed: string,
  createdAt: string,
  updatedAt: string,
  version: string,
];

/** By index, as destructuring an array takes longer than all the rest of it. */
function taskOf(owner: UserId, row: TaskRow): Task {
  const createdAt = instantFromPostgres(row[5]);
  return rehydrate({
    owner,
    id: row[0],
    number: Number(row[1]),
    title: row[2],
    description: row[3] ?? undefined,
    completed: row[4] === 't',
    createdAt,
    updatedAt: row[6] === row[5] ? createdAt : instantFromPostgres(row[6]),
    version: Number(row[7]),
  });
}
