import type { Brand } from './brand.ts';
import { checkText } from './text.ts';

/** Free text about a task: 0 to 100,000 characters, stored unchanged. */
export type Description = Brand<string, 'Description'>;

/** The longest description that any contract accepts, in code points. */
export const DESCRIPTION_MAX = 100_000;

/**
 * @param max a narrower limit, in code points
 * @throws InvalidValue if it is longer than `max`, or text that PostgreSQL cannot store
 */
export function Description(raw: string, max = DESCRIPTION_MAX): Description {
  checkText('description', raw, { min: 0, max });
  return raw as Description;
}
