import { Unauthenticated } from '../../application/errors.ts';
import type { Erased, OwnedTasks, TaskRepository } from '../../application/ports/task-repository.ts';
import { type NewTask, restored, type Task, type TaskQuery, type TaskRef } from '../../domain/task.ts';
import { changesNothing, cleared, type TaskChange, toggled } from '../../domain/task-change.ts';
import type { UserId } from '../../domain/user-id.ts';
import { errorCode } from '../error-code.ts';
import { instantFromPostgres } from './instant-from-postgres.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import {
  CHANGE_TASK,
  FIND_TASK,
  INSERT_TASK,
  LIST_TASKS,
  REMOVE_ALL_TASKS,
  REMOVE_TASK,
  type Statement,
} from './statements.ts';

/** Tasks in PostgreSQL: each method is one statement, so one round trip and one atomic step. */
export class PostgresTaskRepository implements TaskRepository {
  constructor(private readonly database: PostgresDatabase) {}

  ownedBy(owner: UserId): OwnedTasks {
    return new PostgresTasks(this.database, owner);
  }
}

class PostgresTasks implements OwnedTasks {
  constructor(
    private readonly database: PostgresDatabase,
    private readonly owner: UserId,
  ) {}

  async add({ id, title, description }: NewTask): Promise<Task> {
    const [row] = await this.rows(INSERT_TASK, id, title, description ?? null).catch(refuseGoneUser);
    if (row === undefined) throw new Error('an insert gave no row back');
    return fromRow(row);
  }

  async find(ref: TaskRef): Promise<Task | undefined> {
    const [row] = await this.rows(...keyed(FIND_TASK, ref));
    return row && fromRow(row);
  }

  async list({ completed, order }: TaskQuery): Promise<readonly Task[]> {
    const { all, byCompletion } = LIST_TASKS[order];
    const rows = await (completed === undefined ? this.rows(all) : this.rows(byCompletion, completed));
    return rows.map(fromRow);
  }

  async change(ref: TaskRef, change: TaskChange): Promise<Task | undefined> {
    if (changesNothing(change)) return this.find(ref);
    const { title, description, completed } = change;
    const [row] = await this.rows(
      ...keyed(CHANGE_TASK, ref),
      title ?? null,
      description !== undefined,
      description === cleared ? null : (description ?? null),
      completed === toggled ? null : (completed ?? null),
      completed === toggled,
    );
    return row && fromRow(row);
  }

  async remove(ref: TaskRef): Promise<boolean> {
    const [statement, key] = keyed(REMOVE_TASK, ref);
    return (await this.database.run(statement, [this.owner, key])).rowCount === 1;
  }

  async removeAll(): Promise<Erased> {
    const { rows } = await this.database.runAtOneMoment<ErasedRow>(REMOVE_ALL_TASKS, [this.owner]);
    const { tasks = 0, last_number: lastNumber = null } = rows[0] ?? {};
    return { tasks: Number(tasks), lastNumber: lastNumber === null ? undefined : Number(lastNumber) };
  }

  private async rows(statement: Statement, ...values: readonly unknown[]): Promise<readonly TaskRow[]> {
    return (await this.database.run<TaskRow>(statement, [this.owner, ...values])).rows;
  }
}

/** The variant of a statement for the name by which a task is asked for, and that name. */
function keyed(statement: { id: Statement; number: Statement }, ref: TaskRef): [Statement, string | number] {
  return 'id' in ref ? [statement.id, ref.id] : [statement.number, ref.number];
}

/**
 * 23503 foreign_key_violation: where users are linked (`taskwell link-users`), a token outlives its user for some
 * minutes. The code alone decides: through Citus an error does not name its constraint.
 */
function refuseGoneUser(error: unknown): never {
  throw errorCode(error) === '23503' ? new Unauthenticated('the user no longer exists', true) : error;
}

interface ErasedRow {
  readonly tasks: string;
  readonly last_number: string | null;
}

/** As pg gives it: bigint and timestamps come as text. */
interface TaskRow {
  readonly user_id: string;
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly description: string | null;
  readonly completed: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly version: number;
}

function fromRow(row: TaskRow): Task {
  return restored({
    owner: row.user_id,
    id: row.id,
    number: Number(row.number),
    title: row.title,
    description: row.description ?? undefined,
    completed: row.completed,
    createdAt: instantFromPostgres(row.created_at),
    updatedAt: instantFromPostgres(row.updated_at),
    version: row.version,
  });
}
