import type { Brand } from './brand.ts';
import { checkText } from './text.ts';

/** Who somebody is: the `sub` of a Better Auth token, an opaque text of 1 to 255 characters that is never taken apart. */
export type UserId = Brand<string, 'UserId'>;

export const USER_ID_MAX = 255;

/** @throws InvalidValue when it is empty, longer than 255 code points, or no text that the database can hold */
export function UserId(raw: string): UserId {
  checkText('user id', raw, { min: 1, max: USER_ID_MAX });
  return raw as UserId;
}
