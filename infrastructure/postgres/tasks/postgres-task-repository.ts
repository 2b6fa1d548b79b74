import { Unauthenticated } from '../../../application/application-errors.ts';
import type { Erased, OwnedTasks, TaskRepository } from '../../../application/ports/task-repository.ts';
import type { Task, TaskQuery, TaskRef } from '../../../domain/task.ts';
import { changesNothing, toggled } from '../../../domain/task-change.ts';
import type { TaskWrite, Written } from '../../../domain/task-write.ts';
import type { UserId } from '../../../domain/user-id.ts';
import { errorCode } from '../../error-code.ts';
import type { PostgresDatabase } from '../connection/postgres-database.ts';
import type { Parameter, Statement, TextRow } from '../connection/statement.ts';
import { changeParameters, detailParameters, taskFromRow } from './task-columns.ts';
import {
  CHANGE_TASK,
  FIND_TASK,
  INSERT_TASK,
  LIST_TASKS,
  LOCK_COUNTER,
  NEXT_NUMBER,
  REMOVE_ALL_TASKS,
  REMOVE_COUNTER,
  REMOVE_TASK,
} from './task-statements.ts';

/** Tasks in PostgreSQL. Each method is one group of statements: one transaction in one round trip. */
export class PostgresTaskRepository implements TaskRepository {
  constructor(private readonly database: PostgresDatabase) {}

  ownedBy(owner: UserId): OwnedTasks {
    return new PostgresTasks(this.database, owner);
  }
}

class PostgresTasks implements OwnedTasks {
  constructor(
    readonly database: PostgresDatabase,
    readonly owner: UserId,
  ) {}

  async find(ref: TaskRef): Promise<Task | undefined> {
    return this.taskIn(await this.database.run(keyed(FIND_TASK, ref), [this.owner, keyOf(ref)]));
  }

  async list({ completed, order }: TaskQuery): Promise<readonly Task[]> {
    const { all, byCompletion } = LIST_TASKS[order];
    const rows = await (completed === undefined
      ? this.database.run(all, [this.owner])
      : this.database.run(byCompletion, [this.owner, completed]));
    return rows.map((row) => taskFromRow(this.owner, row));
  }

  write<Kind extends TaskWrite['kind']>(write: TaskWrite<Kind>): Promise<Written<Kind>> {
    const apply: Apply<Kind> = WRITES[write.kind];
    return apply(this, write);
  }

  async removeAll(): Promise<Erased> {
    const values = [this.owner];
    const [, tasks, counter] = await this.database.runGroup([
      { statement: LOCK_COUNTER, values },
      { statement: REMOVE_ALL_TASKS, values },
      { statement: REMOVE_COUNTER, values },
    ]);
    const lastNumber = counter?.rows[0]?.[0] ?? undefined;
    return { tasks: tasks?.count ?? 0, lastNumber: lastNumber === undefined ? undefined : Number(lastNumber) };
  }

  taskIn([row]: readonly TextRow[]): Task | undefined {
    return row && taskFromRow(this.owner, row);
  }
}

/** How a kind of write becomes a group of statements. */
type Apply<Kind extends TaskWrite['kind']> = (tasks: PostgresTasks, write: TaskWrite<Kind>) => Promise<Written<Kind>>;

const WRITES: { readonly [Kind in TaskWrite['kind']]: Apply<Kind> } = {
  async create(tasks, { id, details }) {
    const [, inserted] = await tasks.database
      .runGroup([
        { statement: NEXT_NUMBER, values: [tasks.owner] },
        { statement: INSERT_TASK, values: [tasks.owner, id, ...detailParameters(details)] },
      ])
      .catch(refuseDeletedUser);
    const task = tasks.taskIn(inserted?.rows ?? []);
    if (task === undefined) throw new Error('An INSERT returned no row');
    return { outcome: 'done', task };
  },

  async change(tasks, { task: ref, change }) {
    const { completed } = change;
    const task = changesNothing(change)
      ? await tasks.find(ref)
      : tasks.taskIn(
          await tasks.database.run(keyed(CHANGE_TASK, ref), [
            tasks.owner,
            keyOf(ref),
            completed === toggled,
            completed === toggled ? null : (completed ?? null),
            ...changeParameters(change),
          ]),
        );
    return task === undefined ? { outcome: 'absent' } : { outcome: 'done', task };
  },

  async remove(tasks, { task: ref }) {
    const statement = keyed(REMOVE_TASK, ref);
    const [removed] = await tasks.database.runGroup([{ statement, values: [tasks.owner, keyOf(ref)] }]);
    return { outcome: removed?.count === 1 ? 'done' : 'absent' };
  },
};

/** The variant of a statement for the kind of id in `ref`. */
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
