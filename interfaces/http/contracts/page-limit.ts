import * as v from 'valibot';
import { type Schema, text } from './validation.ts';

/** The most items that one response contains if its client asks for a limit. */
export const LIMIT_MAX = 1_000;

const RULE = `limit must be a whole number from 1 to ${LIMIT_MAX}`;

/** A `limit` in a query. The description comes before the conversion: what follows the conversion describes the number. */
export function pageLimit(description: string): Schema<number> {
  return v.pipe(
    text(),
    v.metadata({ description, type: 'integer', minimum: 1, maximum: LIMIT_MAX, examples: [100] }),
    v.regex(/^\d{1,4}$/, RULE),
    v.transform(Number),
    v.minValue(1, RULE),
    v.maxValue(LIMIT_MAX, RULE),
  );
}
