import * as v from 'valibot';

/** A setting as `taskwell check` prints it: the name of the variable and its effective value, with secrets masked. */
export type ShownSetting = readonly [name: string, value: string];

/** @param must starts the error message */
export function wholeNumber(min: number, max: number, must = 'must be') {
  const rule = `${must} a whole number from ${min} to ${max}`;
  return v.pipe(v.string(), v.regex(/^\d+$/, rule), v.transform(Number), v.minValue(min, rule), v.maxValue(max, rule));
}

export function oneOf<const Words extends readonly string[]>(words: Words) {
  return v.picklist(words, `must be one of ${words.join(', ')}`);
}

/** A comma-separated list of names or URLs, without trailing slashes. */
export const list = v.pipe(
  v.string(),
  v.transform((text) =>
    text
      .split(',')
      .map((part) => part.trim().replace(/\/$/, ''))
      .filter((part) => part !== ''),
  ),
);

/** Makes the schema optional unless the setting is required. */
export function requiredIf<Schema extends v.GenericSchema<string, unknown>>(required: boolean, schema: Schema) {
  return required ? schema : v.optional(schema);
}
