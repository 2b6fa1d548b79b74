import type { Brand } from './brand.ts';
import { InvalidValue } from './domain-errors.ts';

/** A key that a client chooses for a request, and sends again when it repeats the request. */
export type IdempotencyKey = Brand<string, 'IdempotencyKey'>;

/** How long a key is remembered, in hours. */
export const IDEMPOTENCY_KEY_HOURS = 24;

export const IDEMPOTENCY_KEY_MAX = 255;

/** @throws InvalidValue unless it is 1 to 255 printable ASCII characters, the characters of a string of RFC 8941 */
export function IdempotencyKey(raw: string): IdempotencyKey {
  if (!/^[ -~]+$/.test(raw) || raw.length > IDEMPOTENCY_KEY_MAX) {
    throw new InvalidValue('idempotency key', `must be 1 to ${IDEMPOTENCY_KEY_MAX} printable ASCII characters`);
  }
  return raw as IdempotencyKey;
}
