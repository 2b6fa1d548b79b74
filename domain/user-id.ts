import type { Brand } from './brand.ts';
import { checkText } from './text.ts';

/** Identifies a user: the `sub` of a Better Auth token, an opaque text of 1 to 255 characters. */
export type UserId = Brand<string, 'UserId'>;

/** The longest user id, in code points. */
export const USER_ID_MAX = 255;

/** @throws InvalidValue if it is empty, longer than 255 code points, or text that PostgreSQL cannot store */
export function UserId(raw: string): UserId {
  checkText('user id', raw, { min: 1, max: USER_ID_MAX });
  return raw as UserId;
}
