import * as v from 'valibot';
import { DESCRIPTION_MAX, Description } from '../../../domain/description.ts';
import type { TaskDetails } from '../../../domain/task.ts';
import { TITLE_MAX, Title } from '../../../domain/title.ts';
import { domain, type Schema, text } from './validation.ts';

/** One field of a task on the wire. */
export interface DetailSchema<Value, Optional extends boolean> {
  /** Whether a task can lack the field. It is null in responses then. */
  readonly optional: Optional;
  /** The value in a request, given the contract's limit. */
  readonly in: (limit?: number) => Schema<Value>;
  /** The value in a response. */
  readonly out: v.GenericSchema;
  /** A valid value, as a client sends it. */
  readonly example: unknown;
}

/** One row per field: a type with a further field requires a further row. */
export type DetailSchemas<Details> = {
  readonly [Field in keyof Details]-?: DetailSchema<
    Exclude<Details[Field], undefined>,
    undefined extends Details[Field] ? true : false
  >;
};

/** The details of a task on the wire. Request bodies, tasks in responses and the examples in the documentation derive from it. */
export const DETAILS: DetailSchemas<TaskDetails> = {
  title: {
    optional: false,
    in: (max = TITLE_MAX) =>
      v.pipe(
        text(),
        v.metadata({
          minLength: 1,
          maxLength: max,
          description: 'Trimmed; must contain a visible character then',
          examples: ['Buy groceries'],
        }),
        domain((raw: string) => Title(raw, max)),
      ),
    out: v.string(),
    example: 'Buy groceries',
  },
  description: {
    optional: true,
    in: (max = DESCRIPTION_MAX) =>
      v.pipe(
        text(),
        v.metadata({ maxLength: max, examples: ['Milk, eggs'] }),
        domain((raw: string) => Description(raw, max)),
      ),
    out: v.string(),
    example: 'Milk, eggs',
  },
};

/** The longest texts that a contract accepts, in code points. A field without a limit here has the domain's limit. */
export type Limits = { readonly [Field in keyof TaskDetails]?: number };

/** The rows of the table with the names of their fields. A name on the wire is the name in the domain in snake case. */
export const ROWS = rowsOf(DETAILS);

function rowsOf<Table extends object>(table: Table) {
  const rows: ({ readonly field: Extract<keyof Table, string>; readonly name: string } & Table[keyof Table])[] = [];
  for (const field in table) {
    rows.push({ ...table[field], field, name: field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) });
  }
  return rows;
}
