import type { Brand } from './brand.ts';
import { checkText } from './text.ts';

/** The name of a user, as pages show it. */
export type DisplayName = Brand<string, 'DisplayName'>;

/** The longest name, in code points. */
export const DISPLAY_NAME_MAX = 100;

/** Trims the name. @throws InvalidValue if it is too long, or text that PostgreSQL cannot store */
export function DisplayName(raw: string): DisplayName {
  const name = raw.trim();
  checkText('name', name, { min: 0, max: DISPLAY_NAME_MAX });
  return name as DisplayName;
}
