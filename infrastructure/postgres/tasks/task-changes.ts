import {
  type ChangedTask,
  type Checkpoint,
  isExpired,
  knownUpTo,
  type TaskChanges,
} from '../../../domain/task-changes.ts';
import { TaskId } from '../../../domain/task-id.ts';
import { TaskNumber } from '../../../domain/task-number.ts';
import type { UserId } from '../../../domain/user-id.ts';
import type { TextRow } from '../connection/statement.ts';
import { READ_CHANGES } from './change-statements.ts';
import { PAGE_TEXTS_MAX_BYTES, shortened, withLongTexts } from './long-texts.ts';
import type { OwnerStatements } from './owner-statements.ts';
import { COLUMNS, instantOf, taskFromRow, valuesBehindPage } from './task-columns.ts';

/** Behind every deletion: a reader that begins needs none. */
const NO_DELETIONS = Number.MAX_SAFE_INTEGER;

/** Reads the changes of an owner after a checkpoint, as `OwnedTasks.changes` says. */
export async function readChanges(
  statements: OwnerStatements,
  after: Checkpoint | undefined,
  limit: number,
): Promise<TaskChanges | 'expired'> {
  const from = after ?? { position: -1, number: 0, beganAt: NO_DELETIONS };
  const rows = await statements.run(READ_CHANGES, from.position, from.number, knownUpTo(from), limit + 1);
  const [first] = rows;
  if (first === undefined) return after === undefined ? { changes: [], next: undefined, more: false } : 'expired';
  const counter = counterOf(first);
  if (after !== undefined && isExpired(after, counter, counter.forgotten)) return 'expired';
  const changed = rows.filter(isChange);
  const page = shortened(changed.slice(0, limit), PAGE_TEXTS_MAX_BYTES);
  const more = page.length < changed.length;
  const last = more ? page.at(-1) : undefined;
  const next: Checkpoint = {
    startedAt: counter.startedAt,
    beganAt: after?.beganAt ?? counter.position,
    position: last ? positionOf(last) : counter.position,
    number: last ? Number(last[COLUMNS.number.at]) : Number.MAX_SAFE_INTEGER,
  };
  const whole = await withLongTexts((...statement) => statements.run(...statement), page);
  return { changes: whole.map((row) => changedTask(statements.owner, row)), next, more };
}

/** What `READ_CHANGES` returns behind the columns of a page. */
function counterOf(row: TextRow) {
  const [, position, forgotten, startedAt] = valuesBehindPage(row);
  return {
    position: Number(position),
    forgotten: Number(forgotten),
    startedAt: instantOf(startedAt),
  };
}

/** Whether a row is more than the counter. */
function isChange(row: TextRow): boolean {
  return row[COLUMNS.id.at] !== null;
}

function changedTask(owner: UserId, row: TextRow): ChangedTask {
  // A row that was read once more has no further columns.
  const [deleted] = valuesBehindPage(row);
  if (deleted !== 't') return { task: taskFromRow(owner, row) };
  return {
    deleted: {
      id: TaskId(row[COLUMNS.id.at] ?? ''),
      number: TaskNumber(Number(row[COLUMNS.number.at])),
      position: positionOf(row),
    },
  };
}

function positionOf(row: TextRow): number {
  return Number(row[COLUMNS.position.at]);
}
