import * as v from 'valibot';
import { Description } from '../../../domain/description.ts';
import { InvalidValue } from '../../../domain/errors.ts';
import { Title } from '../../../domain/title.ts';
import { type Fault, RequestInvalid } from '../errors/http-errors.ts';

/** A schema for whatever comes over the wire. */
export type Schema<Output> = v.GenericSchema<unknown, Output>;

/** The value that a schema makes of what was sent. @throws RequestInvalid with all that is wrong with it */
export function parse<Output>(schema: Schema<Output>, sent: unknown): Output {
  const result = v.safeParse(schema, sent);
  if (result.success) return result.output;
  throw new RequestInvalid(result.issues.map(fault));
}

/** Makes a domain constructor a valibot step, so that its rule is written once. */
export function domain<Raw, Value>(make: (raw: Raw) => Value) {
  return v.rawTransform<Raw, Value>(({ dataset, addIssue, NEVER }) => {
    try {
      return make(dataset.value);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      addIssue({ message: error.rule });
      return NEVER;
    }
  });
}

/** @param max the contract's limit, in code points */
export function title(max: number) {
  return v.pipe(
    v.string('must be a string'),
    v.metadata({
      minLength: 1,
      maxLength: max,
      description: 'Trimmed; not empty after that',
      examples: ['Buy groceries'],
    }),
    domain((raw: string) => Title(raw, max)),
  );
}

/** @param max the contract's limit, in code points */
export function description(max: number) {
  return v.pipe(
    v.string('must be a string'),
    v.metadata({ maxLength: max, examples: ['Milk, eggs'] }),
    domain((raw: string) => Description(raw, max)),
  );
}

export function flag() {
  return v.boolean('must be true or false');
}

/** One of some words. A parameter that is given twice is none of them. */
export function oneOf<const Words extends readonly string[]>(words: Words) {
  return v.picklist(words, `must be one of ${words.join(', ')}`);
}

/** An object with these fields; others are ignored. */
export function fields<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.object(entries, complaint);
}

/** An object with these fields and no others. */
export function onlyFields<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.strictObject(entries, complaint);
}

function complaint(issue: v.BaseIssue<unknown>): string {
  if (issue.expected === 'never') return 'is not a known field';
  return issue.received === 'undefined' ? 'is required' : 'must be an object';
}

/** A message of a field reads "title must be …", one of the whole stands for itself. */
function fault(issue: v.BaseIssue<unknown>): Fault {
  const field = v.getDotPath(issue) ?? undefined;
  return { field, message: field === undefined ? issue.message : `${field} ${issue.message}` };
}
