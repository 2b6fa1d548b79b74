import * as v from 'valibot';
import { cleared } from '../../../domain/task-change.ts';
import type { Schema } from './validation.ts';

/**
 * How an update treats fields that are absent or null:
 *
 * - `replace`: an optional field that is absent or null is cleared; a required field has to be there.
 * - `patch`: an absent field stays as it is; null clears an optional field and is refused elsewhere.
 * - `merge`: an absent field stays as it is; null clears an optional field and is ignored elsewhere.
 * - `fill`: a field that is absent or null stays as it is.
 */
export type UpdateRule = 'replace' | 'patch' | 'merge' | 'fill';

/**
 * One field of a task on the wire.
 *
 * @typeParam Value what the domain keeps
 * @typeParam New what a change can make of it
 */
export interface DetailSchema<Value, New = Value> {
  /** The field in a request, given the contract's limit. */
  readonly in: Readonly<Record<UpdateRule, (limit?: number) => Schema<New | undefined>>> & {
    readonly create: (limit?: number) => Schema<Value>;
  };
  /** What `replace` makes of an absent field. */
  readonly absent: New | undefined;
  /** The field in a response. A missing value is null there. */
  readonly out: v.GenericSchema;
  /** A valid value, as a client sends it. */
  readonly example: unknown;
}

/** One row per field: a type with a further field requires a further row. */
export type DetailSchemas<Details> = {
  readonly [Field in keyof Details]-?: undefined extends Details[Field]
    ? DetailSchema<Details[Field], Exclude<Details[Field], undefined> | typeof cleared>
    : DetailSchema<Details[Field]>;
};

interface Field<Value extends Json, Json> {
  readonly in: (limit?: number) => Schema<Value>;
  readonly out: v.GenericSchema<Json>;
  readonly example: Json;
}

/** A field that every task has. */
export function required<Value extends Json, Json>(field: Field<Value, Json>): DetailSchema<Value> {
  const { in: schema, out, example } = field;
  const ignoringNull = (limit?: number) => v.nullish(schema(limit), () => undefined);
  return {
    in: {
      create: schema,
      replace: schema,
      patch: (limit?: number) => v.optional(schema(limit)),
      merge: ignoringNull,
      fill: ignoringNull,
    },
    absent: undefined,
    out,
    example,
  };
}

/** A field that a task can lack; it is null in responses then. */
export function optional<Value extends Json, Json>(
  field: Field<Value, Json>,
): DetailSchema<Value | undefined, Value | typeof cleared> {
  const { in: schema, out, example } = field;
  const ignoringNull = (limit?: number) => v.nullish(schema(limit), () => undefined);
  const clearable = (limit?: number) =>
    v.pipe(
      v.nullish(schema(limit)),
      v.transform((value) => (value === null ? cleared : value)),
    );
  return {
    in: { create: ignoringNull, replace: clearable, patch: clearable, merge: clearable, fill: ignoringNull },
    absent: cleared,
    out: v.nullable(out),
    example,
  };
}

/** The name of each field in the domain, and its name on the wire: the same in snake case. */
export function namesOf<Table extends object>(table: Table) {
  const names: { readonly field: Extract<keyof Table, string>; readonly name: string }[] = [];
  for (const field in table) {
    names.push({ field, name: field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) });
  }
  return names;
}
