import type { Brand } from './brand.ts';
import { checkText } from './text.ts';

/** What there is to say about a task beyond its title: 0 to 100,000 characters, kept as given. */
export type Description = Brand<string, 'Description'>;

/** The longest description that any frontend may give, in code points. */
export const DESCRIPTION_MAX = 100_000;

/**
 * @param max a narrower limit, in code points
 * @throws InvalidValue when it is longer than `max`, or no text that the database can hold
 */
export function Description(raw: string, max = DESCRIPTION_MAX): Description {
  checkText('description', raw, { min: 0, max });
  return raw as Description;
}
