import type { Brand } from './brand.ts';
import { InvalidValue } from './errors.ts';

/** A task's integer id: 1, 2, 3 … within its owner, and never used again after a deletion. */
export type TaskNumber = Brand<number, 'TaskNumber'>;

/** @throws InvalidValue unless it is a positive integer that a JSON number holds exactly (RFC 8259, section 6) */
export function TaskNumber(raw: number): TaskNumber {
  if (!Number.isSafeInteger(raw) || raw < 1)
    throw new InvalidValue('id', `must be an integer from 1 to ${Number.MAX_SAFE_INTEGER}`);
  return raw as TaskNumber;
}
