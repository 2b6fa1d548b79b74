import type {
  Erased,
  OwnedTasks,
  TaskBatch,
  TaskPage,
  TaskRepository,
} from '../../../application/ports/task-repository.ts';
import type { ListCursor } from '../../../domain/list-cursor.ts';
import type { Task, TaskQuery, TaskRef } from '../../../domain/task.ts';
import type { Checkpoint, TaskChanges, TasksState } from '../../../domain/task-changes.ts';
import type { TaskStatistics } from '../../../domain/task-statistics.ts';
import type { TaskWrite, Written } from '../../../domain/task-write.ts';
import type { UserId } from '../../../domain/user-id.ts';
import type { PostgresDatabase } from '../connection/postgres-database.ts';
import {
  LOCK_COUNTER,
  REMOVE_ALL_DELETIONS,
  REMOVE_ALL_KEYS,
  REMOVE_ALL_TASKS,
  REMOVE_COUNTER,
} from './erase-statements.ts';
import { findTask } from './find-task.ts';
import { openList } from './open-list.ts';
import { type OwnerStatement, OwnerStatements } from './owner-statements.ts';
import { READ_STATE, READ_STATISTICS, stateIn } from './state-statements.ts';
import { readChanges } from './task-changes.ts';
import { numbersBehindTask, taskFromRow } from './task-columns.ts';
import { listInBatches } from './task-list.ts';
import { readPage } from './task-page.ts';
import { type Apply, WRITES } from './task-writes.ts';

/**
 * Tasks in PostgreSQL. Each method but `list` is one group of statements: one transaction in one round trip. `page` and
 * `changes` take another one for long texts.
 * A create that repeats an idempotency key, and a write that its precondition refuses, take another one to find out why.
 */
export class PostgresTaskRepository implements TaskRepository {
  constructor(private readonly database: PostgresDatabase) {}

  ownedBy(owner: UserId): OwnedTasks {
    return new PostgresTasks(new OwnerStatements(this.database, owner));
  }
}

class PostgresTasks implements OwnedTasks {
  constructor(private readonly statements: OwnerStatements) {}

  find(ref: TaskRef): Promise<Task | undefined> {
    return findTask(this.statements, ref);
  }

  /** The state is read before the tasks, so that a client with this state never misses a change. */
  async *list(query: TaskQuery): AsyncGenerator<TaskBatch> {
    const { statements } = this;
    let opened: Pick<TaskBatch, 'state' | 'total'> | undefined;
    const run = async (...statement: OwnerStatement) => {
      if (opened !== undefined) return statements.run(...statement);
      const read = await openList(statements, query, statement);
      opened = read.opened;
      return read.rows;
    };
    for await (const batch of listInBatches(statements.owner, run, query)) yield { ...batch, ...opened };
  }

  page(query: TaskQuery, limit: number, after?: ListCursor): Promise<TaskPage> {
    return readPage(this.statements, query, limit, after);
  }

  async state(): Promise<TasksState | undefined> {
    return stateIn(await this.statements.run(READ_STATE));
  }

  changes(after: Checkpoint | undefined, limit: number): Promise<TaskChanges | 'expired'> {
    return readChanges(this.statements, after, limit);
  }

  async statistics(): Promise<TaskStatistics> {
    const rows = await this.statements.run(READ_STATISTICS);
    const [total = 0, completed = 0] = numbersBehindTask(rows[0] ?? []);
    return { total, completed, recent: rows.map((row) => taskFromRow(this.statements.owner, row)) };
  }

  write<Kind extends TaskWrite['kind']>(write: TaskWrite<Kind>): Promise<Written<Kind>> {
    const apply: Apply<Kind> = WRITES[write.kind];
    return apply(this.statements, write);
  }

  async removeAll(): Promise<Erased> {
    const [, tasks, , , counter] = await this.statements.runGroup([
      [LOCK_COUNTER],
      [REMOVE_ALL_TASKS],
      [REMOVE_ALL_DELETIONS],
      [REMOVE_ALL_KEYS],
      [REMOVE_COUNTER],
    ]);
    const lastNumber = counter?.rows[0]?.[0] ?? undefined;
    return { tasks: tasks?.count ?? 0, lastNumber: lastNumber === undefined ? undefined : Number(lastNumber) };
  }
}
