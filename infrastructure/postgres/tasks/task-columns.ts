import { Instant } from '../../../domain/instant.ts';
import { rehydrate, type Task, type TaskDetails } from '../../../domain/task.ts';
import { cleared, type TaskChange } from '../../../domain/task-change.ts';
import type { UserId } from '../../../domain/user-id.ts';
import type { Parameter, TextRow } from '../connection/statement.ts';
import { instantFromMicros } from './instant-from-micros.ts';

/** A column of `tasks`, and its position in the rows that the statements return. */
interface Column {
  readonly name: string;
  readonly at: number;
  /** Set if it holds a time, which is read as microseconds since 1970. */
  readonly time?: true;
}

/** The column of a detail, with its value in a change. New details are a change that sets every field. */
interface DetailColumn extends Column {
  /** Set if its texts can be long. */
  readonly long?: true;
  readonly value: (change: TaskChange) => string | number | boolean | typeof cleared | undefined;
}

/** A column for each field of a task except its owner, which the caller knows. */
export type TaskColumns<Details extends TaskDetails> = {
  readonly [Field in Exclude<keyof Task | keyof Details, 'owner'>]: Field extends keyof Details ? DetailColumn : Column;
};

/** The column lists of INSERT, UPDATE and SELECT derive from this table. A missing field is a compile error. */
export const COLUMNS = {
  id: { name: 'id', at: 0 },
  number: { name: 'number', at: 1 },
  title: { name: 'title', at: 2, value: ({ title }: TaskChange) => title },
  description: { name: 'description', at: 3, long: true, value: ({ description }: TaskChange) => description },
  completed: { name: 'completed', at: 4 },
  createdAt: { name: 'created_at', at: 5, time: true },
  updatedAt: { name: 'updated_at', at: 6, time: true },
  version: { name: 'version', at: 7 },
  position: { name: 'position', at: 8 },
} as const satisfies TaskColumns<TaskDetails>;

const IN_ORDER = Object.values<Column | DetailColumn>(COLUMNS).sort((a, b) => a.at - b.at);

/** The columns as they are stored. `*` would break prepared statements when a migration adds a column. */
export const STORED_COLUMNS = IN_ORDER.map(({ name }) => name).join(', ');

/** The columns that statements return. */
export const TASK_COLUMNS = IN_ORDER.map(toOutput).join(', ');

function toOutput({ name, time }: Column): string {
  return time ? microsOf(name) : name;
}

/**
 * A time in microseconds since 1970. A number is the same in every session, whatever its date format and time zone. The
 * functions are immutable, as Citus demands of RETURNING.
 */
export function microsOf(column: string): string {
  return `(date_part('epoch', ${column} - timestamptz 'epoch') * 1000000)::bigint`;
}

/** The time that a parameter says in microseconds since 1970. */
export function timeOf(parameter: string): string {
  return `timestamptz 'epoch' + ${parameter}::bigint * interval '1 microsecond'`;
}

const DETAILS = IN_ORDER.filter((column): column is DetailColumn => 'value' in column);

/** What is kept of a deleted task. */
const KEPT = new Set<string>([COLUMNS.id.name, COLUMNS.number.name, COLUMNS.position.name]);

/** The longest text in a row of a page, in bytes. */
const SHORT_MAX_BYTES = 4_096;
const LONG_COLUMNS = DETAILS.filter(({ long }) => long).map(({ name }) => name);

/**
 * The columns of a page: those of a task, with null for each text that is too long for a page, and the bytes of these
 * texts, or null if there are none. PostgreSQL knows the length of a text without reading it.
 */
export const PAGE_COLUMNS = [
  ...IN_ORDER.map((column) =>
    LONG_COLUMNS.includes(column.name)
      ? `case when octet_length(${column.name}) <= ${SHORT_MAX_BYTES} then ${column.name} end`
      : toOutput(column),
  ),
  `nullif(${LONG_COLUMNS.map(
    (name) => `case when octet_length(${name}) > ${SHORT_MAX_BYTES} then octet_length(${name}) else 0 end`,
  ).join(' + ')}, 0)`,
].join(', ');

/** A deletion in the form of `STORED_COLUMNS`: the same names have the same meaning, and the rest is null. */
export const DELETION_COLUMNS = IN_ORDER.map(({ name }) => (KEPT.has(name) ? name : `null as ${name}`)).join(', ');

/** The bytes of the texts that a row of `PAGE_COLUMNS` lacks. */
export function missingBytes(row: TextRow): number {
  return Number(row[IN_ORDER.length]);
}

/** The numbers behind the columns of a task, in a row of `TASK_COLUMNS` and further columns. */
export function numbersBehindTask(row: TextRow): readonly number[] {
  return row.slice(IN_ORDER.length).map(Number);
}

/** The values behind the columns of a page, in a row of `PAGE_COLUMNS` and further columns. */
export function valuesBehindPage(row: TextRow): TextRow {
  return row.slice(IN_ORDER.length + 1);
}

/** The names of the columns that hold details. */
export const DETAIL_COLUMNS: readonly string[] = DETAILS.map(({ name }) => name);

/** One parameter for each of `DETAIL_COLUMNS`: its value. */
export function detailParameters(details: TaskDetails): readonly Parameter[] {
  return DETAILS.map(({ value }) => toParameter(value(details)));
}

/** Two parameters for each of `DETAIL_COLUMNS`: whether it changes, and its new value. */
export function changeParameters(change: TaskChange): readonly Parameter[] {
  return DETAILS.flatMap(({ value }) => [value(change) !== undefined, toParameter(value(change))]);
}

function toParameter(value: ReturnType<DetailColumn['value']>): Parameter {
  return value === undefined || value === cleared ? null : value;
}

/** The task in a row of `TASK_COLUMNS`. Its values passed the domain's constructors before they were stored. */
export function taskFromRow(owner: UserId, row: TextRow): Task {
  const createdAt = text(row[COLUMNS.createdAt.at]);
  const updatedAt = text(row[COLUMNS.updatedAt.at]);
  const created = instantFromMicros(createdAt);
  return rehydrate({
    owner,
    id: text(row[COLUMNS.id.at]),
    number: Number(row[COLUMNS.number.at]),
    title: text(row[COLUMNS.title.at]),
    description: row[COLUMNS.description.at] ?? undefined,
    completed: row[COLUMNS.completed.at] === 't',
    createdAt: created,
    updatedAt: updatedAt === createdAt ? created : instantFromMicros(updatedAt),
    version: Number(row[COLUMNS.version.at]),
    position: Number(row[COLUMNS.position.at]),
  });
}

/** The instant in a column that holds microseconds. */
export function instantOf(micros: string | null | undefined): Instant {
  return Instant(instantFromMicros(text(micros)));
}

/** The text of a column that is NOT NULL. */
function text(value: string | null | undefined): string {
  if (value === null || value === undefined) throw new Error('A column that is NOT NULL has no value');
  return value;
}
