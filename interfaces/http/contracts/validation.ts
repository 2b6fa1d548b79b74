import * as v from 'valibot';
import { InvalidValue } from '../../../domain/domain-errors.ts';
import { type Fault, type FieldLimits, RequestInvalid } from '../errors/http-errors.ts';

/** A schema for a value that a client sends. */
export type Schema<Output> = v.GenericSchema<unknown, Output>;

/** The value of a query parameter that a client gave more than once. It is of no type, so every schema refuses it. */
export const REPEATED = Symbol('repeated');

/**
 * Validates and converts what a client sent.
 *
 * @param refusal makes the error of every fault. Default: `RequestInvalid`
 */
export function parse<Output>(
  schema: Schema<Output>,
  sent: unknown,
  refusal: (faults: readonly Fault[]) => Error = (faults) => new RequestInvalid(faults),
): Output {
  const result = v.safeParse(schema, sent);
  if (result.success) return result.output;
  throw refusal(result.issues.map((issue) => describeFault(issue, schema)));
}

/** Turns a domain constructor into a valibot action, so that its rule is written once. */
export function domain<Raw, Value>(make: (raw: Raw) => Value) {
  return v.rawTransform<Raw, Value>(({ dataset, addIssue, NEVER }) => {
    try {
      return make(dataset.value);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      addIssue({ message: error.message });
      return NEVER;
    }
  });
}

/** Text of any length. */
export function text() {
  return v.string('must be a string');
}

/** A JSON boolean. */
export function flag() {
  return v.boolean('must be true or false');
}

/** One of these words. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return v.picklist(words, `must be one of ${words.join(', ')}`);
}

/** An object with these fields. Other fields are ignored. */
export function fields<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.object(entries, explain);
}

/** An object with these fields and no others. */
export function onlyFields<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.strictObject(entries, explain);
}

/**
 * The names of the fields of an object, or of all parts of an intersection, with their schemas; `undefined` for any other
 * schema.
 */
export function entriesOf(schema: v.GenericSchema): ReadonlyMap<string, v.GenericSchema> | undefined {
  if ('entries' in schema) return new Map(Object.entries(schema.entries ?? {}).filter(isEntry));
  if (!('options' in schema) || !Array.isArray(schema.options)) return undefined;
  return new Map(schema.options.filter(isSchema).flatMap((part) => [...(entriesOf(part) ?? [])]));
}

function isEntry(entry: [name: string, value: unknown]): entry is [name: string, schema: v.GenericSchema] {
  return isSchema(entry[1]);
}

function isSchema(value: unknown): value is v.GenericSchema {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'schema';
}

function explain(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === 'never') return 'is not a known field';
  return issue.received === 'undefined' ? 'is required' : 'must be an object';
}

/** The message of a schema is only its rule, so the field's name is put first. Constructors and checks give whole sentences. */
function describeFault(issue: v.BaseIssue<unknown>, schema: Schema<unknown>): Fault {
  const field = v.getDotPath(issue) ?? undefined;
  const rule = issue.input === REPEATED ? 'may be given only once' : issue.message;
  const limits = field === undefined ? undefined : limitsIn(entriesOf(schema)?.get(field));
  return { field, limits, message: issue.kind === 'schema' && field !== undefined ? `${field} ${rule}` : rule };
}

/** The limits in the metadata of a schema, from which its documentation derives. */
function limitsIn(schema: unknown): FieldLimits | undefined {
  if (!isSchema(schema)) return undefined;
  if ('wrapped' in schema) return limitsIn(schema.wrapped);
  const { maxLength, minimum, maximum }: Readonly<Record<string, unknown>> = v.getMetadata(schema);
  return { maxLength: number(maxLength), minimum: number(minimum), maximum: number(maximum) };
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
