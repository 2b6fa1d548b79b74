import { createHash } from 'node:crypto';
import { Unauthenticated } from '../../../application/application-errors.ts';
import type { IdempotencyKey } from '../../../domain/idempotency-key.ts';
import { meets, type Precondition } from '../../../domain/revision.ts';
import { rehydrate, type Task, type TaskDetails, type TaskRef } from '../../../domain/task.ts';
import { changesNothing, type TaskChange, toggled } from '../../../domain/task-change.ts';
import type { TaskWrite, Written } from '../../../domain/task-write.ts';
import { errorCode } from '../../error-code.ts';
import { databaseUnavailable } from '../connection/database-errors.ts';
import type { Parameter, Statement, StatementResult } from '../connection/statement.ts';
import { findTask } from './find-task.ts';
import { FIND_KEY, FORGET_KEYS, REMEMBER_KEY } from './idempotency-key-statements.ts';
import type { OwnerStatement, OwnerStatements } from './owner-statements.ts';
import { changeParameters, detailParameters, instantOf, taskFromRow } from './task-columns.ts';
import {
  CHANGE_TASK,
  CREATE_TASK,
  FORGET_DELETIONS,
  INSERT_TASK,
  keyed,
  keyOf,
  NEXT_DELETION,
  NEXT_NUMBER,
  NEXT_POSITION,
  RECORD_DELETION,
  REMOVE_TASK,
  UPDATE_TASK,
} from './task-statements.ts';

/** How a kind of write becomes a group of statements. */
export type Apply<Kind extends TaskWrite['kind']> = (
  statements: OwnerStatements,
  write: TaskWrite<Kind>,
) => Promise<Written<Kind>>;

export const WRITES: { readonly [Kind in TaskWrite['kind']]: Apply<Kind> } = {
  async create(statements, { id, details, once }) {
    const create = counted(statements, CREATE, [id, ...detailParameters(details)]);
    const remember: OwnerStatement[] =
      once === undefined
        ? []
        : [
            [FORGET_KEYS, once],
            [REMEMBER_KEY, once, fingerprintOf(details), id],
          ];
    try {
      const results = await statements.runGroup([...create, ...remember]);
      const task = taskIn(statements, results[create.length - 1]);
      if (task === undefined) throw new Error('An INSERT returned no row');
      return { outcome: 'done', task };
    } catch (error) {
      if (once !== undefined && errorCode(error) === UNIQUE_VIOLATION) return replay(statements, once, details, error);
      throw isUserMissing(error) ? new Unauthenticated('the user no longer exists', true) : error;
    }
  },

  async change(statements, { task: ref, change, if: precondition }) {
    if (changesNothing(change)) {
      const task = await findTask(statements, ref);
      if (task === undefined) return { outcome: 'absent' };
      return meets(task, precondition) ? { outcome: 'done', task } : { outcome: 'stale' };
    }
    const values = [keyOf(ref), allowed(precondition), ...completionParameters(change), ...changeParameters(change)];
    const results = await statements.runGroup(counted(statements, changeOf(ref), values));
    const task = taskIn(statements, results.at(-1));
    return task === undefined ? whyNotWritten(statements, ref, precondition) : { outcome: 'done', task };
  },

  async remove(statements, { task: ref, if: precondition }) {
    const target = [keyOf(ref), allowed(precondition)] as const;
    const [, , recorded] = await statements.runGroup([
      [NEXT_DELETION],
      [FORGET_DELETIONS],
      [keyed(RECORD_DELETION, ref), ...target],
      [keyed(REMOVE_TASK, ref), ...target],
    ]);
    const position = recorded?.rows[0]?.[0];
    if (typeof position !== 'string') return whyNotWritten(statements, ref, precondition);
    return { outcome: 'done', position: Number(position) };
  },
};

/** A write that increments the owner's counter, for PostgreSQL and for Citus. */
interface CountedWrite {
  readonly inOne: Statement;
  readonly inTwo: readonly [count: Statement, write: Statement];
}

const CREATE: CountedWrite = { inOne: CREATE_TASK, inTwo: [NEXT_NUMBER, INSERT_TASK] };

function changeOf(ref: TaskRef): CountedWrite {
  return { inOne: keyed(CHANGE_TASK, ref), inTwo: [NEXT_POSITION, keyed(UPDATE_TASK, ref)] };
}

/** The statements of such a write. Its task is in the result of the last one. */
function counted({ engine }: OwnerStatements, write: CountedWrite, values: readonly Parameter[]): OwnerStatement[] {
  if (engine === 'postgresql') return [[write.inOne, ...values]];
  const [count, then] = write.inTwo;
  return [[count], [then, ...values]];
}

/** 23505 unique_violation. Only the codes are checked, because errors of Citus do not name the constraint. */
const UNIQUE_VIOLATION = '23505';

/**
 * 23503 foreign_key_violation: if tasks are linked to their users (`taskwell link-users`), a token remains valid for some
 * minutes after its user was deleted.
 */
function isUserMissing(error: unknown): boolean {
  return errorCode(error) === '23503';
}

/** Makes the task of an earlier create with the same key. What the key does not store is the same in both requests. */
async function replay(
  statements: OwnerStatements,
  key: IdempotencyKey,
  details: TaskDetails,
  error: unknown,
): Promise<Written<'create'>> {
  const [row] = await statements.run(FIND_KEY, key);
  if (row === undefined) throw databaseUnavailable(error); // the data of the user was erased at the same moment
  const [fingerprint, id, number, position, micros] = row;
  if (fingerprint !== fingerprintOf(details)) return { outcome: 'key reused' };
  const createdAt = instantOf(micros);
  const task = rehydrate({
    ...details,
    owner: statements.owner,
    id: String(id),
    number: Number(number),
    completed: false,
    createdAt,
    updatedAt: createdAt,
    version: 1,
    position: Number(position),
  });
  return { outcome: 'replayed', task };
}

/** A digest of the details of a new task. */
function fingerprintOf(details: TaskDetails): string {
  return createHash('sha256')
    .update(JSON.stringify(detailParameters(details)))
    .digest('base64url');
}

async function whyNotWritten(
  statements: OwnerStatements,
  ref: TaskRef,
  precondition: Precondition | undefined,
): Promise<{ readonly outcome: 'absent' | 'stale' }> {
  const exists = precondition !== undefined && (await findTask(statements, ref)) !== undefined;
  return { outcome: exists ? 'stale' : 'absent' };
}

/** The revisions that a precondition allows, as an array of PostgreSQL. */
function allowed(precondition: Precondition | undefined): Parameter {
  return precondition === undefined ? null : `{${precondition.revisions.join(',')}}`;
}

/** Whether to flip `completed`, and its new value. */
function completionParameters({ completed }: TaskChange): readonly Parameter[] {
  return completed === toggled ? [true, null] : [false, completed ?? null];
}

function taskIn({ owner }: OwnerStatements, result: StatementResult | undefined): Task | undefined {
  const row = result?.rows[0];
  return row && taskFromRow(owner, row);
}
