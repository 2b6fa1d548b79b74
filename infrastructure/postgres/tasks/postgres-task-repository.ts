import { Unauthenticated } from '../../../application/application-errors.ts';
import type { Erased, OwnedTasks, TaskBatch, TaskRepository } from '../../../application/ports/task-repository.ts';
import type { Task, TaskQuery, TaskRef } from '../../../domain/task.ts';
import { changesNothing, type TaskChange, toggled } from '../../../domain/task-change.ts';
import type { TaskStatistics } from '../../../domain/task-statistics.ts';
import type { TaskWrite, Written } from '../../../domain/task-write.ts';
import type { UserId } from '../../../domain/user-id.ts';
import { errorCode } from '../../error-code.ts';
import type { PostgresDatabase } from '../connection/postgres-database.ts';
import type { Parameter, Statement, StatementResult } from '../connection/statement.ts';
import { changeParameters, detailParameters, numbersBehindTask, taskFromRow } from './task-columns.ts';
import { listInBatches, type RunStatement } from './task-list.ts';
import {
  CHANGE_TASK,
  FIND_TASK,
  INSERT_TASK,
  LOCK_COUNTER,
  NEXT_NUMBER,
  READ_STATISTICS,
  REMOVE_ALL_TASKS,
  REMOVE_COUNTER,
  REMOVE_TASK,
} from './task-statements.ts';

/** Tasks in PostgreSQL. Each method but `list` is one group of statements: one transaction in one round trip. */
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

  async find(ref: TaskRef): Promise<Task | undefined> {
    const [found] = await this.runGroup([[keyed(FIND_TASK, ref), keyOf(ref)]]);
    return this.taskIn(found);
  }

  list(query: TaskQuery): AsyncIterable<TaskBatch> {
    const run: RunStatement = async (...statement) => (await this.runGroup([statement]))[0]?.rows ?? [];
    return listInBatches(this.owner, run, query);
  }

  async statistics(): Promise<TaskStatistics> {
    const rows = (await this.runGroup([[READ_STATISTICS]]))[0]?.rows ?? [];
    const [total = 0, completed = 0] = numbersBehindTask(rows[0] ?? []);
    return { total, completed, recent: rows.map((row) => taskFromRow(this.owner, row)) };
  }

  write<Kind extends TaskWrite['kind']>(write: TaskWrite<Kind>): Promise<Written<Kind>> {
    const apply: Apply<Kind> = WRITES[write.kind];
    return apply(this, write);
  }

  async removeAll(): Promise<Erased> {
    const [, tasks, counter] = await this.runGroup([[LOCK_COUNTER], [REMOVE_ALL_TASKS], [REMOVE_COUNTER]]);
    const lastNumber = counter?.rows[0]?.[0] ?? undefined;
    return { tasks: tasks?.count ?? 0, lastNumber: lastNumber === undefined ? undefined : Number(lastNumber) };
  }

  /** Runs statements as one transaction. The owner is the first parameter of each. */
  runGroup(
    statements: readonly (readonly [statement: Statement, ...values: Parameter[]])[],
  ): Promise<readonly StatementResult[]> {
    const group = statements.map(([statement, ...values]) => ({ statement, values: [this.owner, ...values] }));
    return this.database.runGroup(group, this.owner);
  }

  taskIn(result: StatementResult | undefined): Task | undefined {
    const row = result?.rows[0];
    return row && taskFromRow(this.owner, row);
  }
}

/** How a kind of write becomes a group of statements. */
type Apply<Kind extends TaskWrite['kind']> = (tasks: PostgresTasks, write: TaskWrite<Kind>) => Promise<Written<Kind>>;

const WRITES: { readonly [Kind in TaskWrite['kind']]: Apply<Kind> } = {
  async create(tasks, { id, details }) {
    const [, inserted] = await tasks
      .runGroup([[NEXT_NUMBER], [INSERT_TASK, id, ...detailParameters(details)]])
      .catch(refuseDeletedUser);
    const task = tasks.taskIn(inserted);
    if (task === undefined) throw new Error('An INSERT returned no row');
    return { outcome: 'done', task };
  },

  async change(tasks, { task: ref, change }) {
    const task = changesNothing(change) ? await tasks.find(ref) : await updateTask(tasks, ref, change);
    return task === undefined ? { outcome: 'absent' } : { outcome: 'done', task };
  },

  async remove(tasks, { task: ref }) {
    const [removed] = await tasks.runGroup([[keyed(REMOVE_TASK, ref), keyOf(ref)]]);
    return { outcome: removed?.count === 1 ? 'done' : 'absent' };
  },
};

async function updateTask(tasks: PostgresTasks, ref: TaskRef, change: TaskChange): Promise<Task | undefined> {
  const { completed } = change;
  const flips = completed === toggled;
  const value = flips ? null : (completed ?? null);
  const [changed] = await tasks.runGroup([
    [keyed(CHANGE_TASK, ref), keyOf(ref), flips, value, ...changeParameters(change)],
  ]);
  return tasks.taskIn(changed);
}

/** The variant of a statement for the id that a task is asked for by. */
function keyed(statement: { id: Statement; number: Statement }, ref: TaskRef): Statement {
  return 'id' in ref ? statement.id : statement.number;
}

function keyOf(ref: TaskRef): Parameter {
  return 'id' in ref ? ref.id : ref.number;
}

/**
 * 23503 foreign_key_violation: if tasks are linked to their users (`taskwell link-users`), a token remains valid for some
 * minutes after its user was deleted. Only the code is checked, because errors of Citus do not name the constraint.
 */
function refuseDeletedUser(error: unknown): never {
  throw errorCode(error) === '23503' ? new Unauthenticated('the user no longer exists', true) : error;
}
