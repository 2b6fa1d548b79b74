import { isIP } from 'node:net';
import * as v from 'valibot';
import { closestWord } from './similar-words.ts';

/** A setting as `taskwell check` prints it: the name of the variable and its effective value, with secrets masked. */
export type ShownSetting = readonly [name: string, value: string];

/** The longest value that a message quotes. */
const QUOTED_MAX = 60;

/** The value that was received, for a message. Not for values that may contain a secret. */
export function quote(value: unknown): string {
  const text = String(value);
  return JSON.stringify(text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text);
}

/** A text without quotes around it. Docker's `--env-file` and Kubernetes take quotes as a part of the value. */
export const unquoted = v.pipe(
  v.string(),
  v.check((text) => !QUOTED.test(text), 'has quotes around its value: remove them'),
);

const QUOTED = /^\s*(".*"|'.*'|`.*`|[“”].*[“”]|[‘’].*[‘’])\s*$/s;

/** A text without quotes and without white space around it. */
export const text = v.pipe(
  unquoted,
  v.check((value) => value.trim() === value, 'has white space around its value: remove it'),
);

/** An IP address or the name of a host, without scheme and port. */
export const host = v.pipe(
  text,
  v.check(
    (value) => isIP(value) !== 0 || /^[\w.-]+$/.test(value),
    ({ input }) => `must be an address without scheme and port, such as 127.0.0.1, but is ${quote(input)}`,
  ),
);

interface Range {
  readonly min: number;
  readonly max: number;
  /** A value for the error message. */
  readonly example: number;
  /** The start of the error message. */
  readonly must?: string;
}

export function wholeNumber({ min, max, example, must = 'must be' }: Range) {
  const rule = `${must} a whole number from ${min} to ${max}, such as ${example}`;
  return v.pipe(
    text,
    v.check(
      (value) => /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max,
      ({ input }) => `${rule}, but is ${quote(input)}`,
    ),
    v.transform(Number),
  );
}

export function oneOf<const Words extends readonly string[]>(words: Words) {
  return v.pipe(
    text,
    v.picklist(words, ({ input }) => {
      const meant = closestWord(String(input), words);
      const hint = meant === undefined ? '' : `: did you mean ${meant}?`;
      return `must be one of ${words.join(', ')}, but is ${quote(input)}${hint}`;
    }),
  );
}

/** A comma-separated list of names or URLs, without trailing slashes. */
export const list = v.pipe(
  unquoted,
  v.transform((value) =>
    value
      .split(',')
      .map((part) => part.trim().replace(/\/$/, ''))
      .filter((part) => part !== ''),
  ),
);

/** Makes the schema optional unless the setting is required. */
export function requiredIf<Schema extends v.GenericSchema<string, unknown>>(required: boolean, schema: Schema) {
  return required ? schema : v.optional(schema);
}
