import type { Brand } from './brand.ts';
import { InvalidValue } from './domain-errors.ts';

/** The integer id of a task. It counts 1, 2, 3 … per owner, and is not reused after a deletion. */
export type TaskNumber = Brand<number, 'TaskNumber'>;

/** @throws InvalidValue unless it is a positive integer that a JSON number holds exactly (RFC 8259, section 6) */
export function TaskNumber(raw: number): TaskNumber {
  if (!Number.isSafeInteger(raw) || raw < 1)
    throw new InvalidValue('id', `must be an integer from 1 to ${Number.MAX_SAFE_INTEGER}`);
  return raw as TaskNumber;
}
