import * as v from 'valibot';
import { IDEMPOTENCY_KEY_HOURS, IDEMPOTENCY_KEY_MAX, IdempotencyKey } from '../../../domain/idempotency-key.ts';
import { domain, type Schema } from './validation.ts';

const RULE = `Idempotency-Key must be a string of 1 to ${IDEMPOTENCY_KEY_MAX} printable ASCII characters in double quotes, such as "8e03978e-40d5-43dd-bc93-6894a57f9324"`;

/** A string of RFC 8941, section 3.3.3, as draft-ietf-httpapi-idempotency-key-header asks for. */
export const idempotencyKey: Schema<IdempotencyKey | undefined> = v.optional(
  v.pipe(
    v.string(),
    v.metadata({
      description: `Makes it safe to repeat the request for ${IDEMPOTENCY_KEY_HOURS} hours: the same key with the same task returns the task as it was created`,
      examples: ['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
    }),
    v.regex(/^"(?:[ !#-[\]-~]|\\["\\]){1,510}"$/, RULE),
    v.transform((quoted) => quoted.slice(1, -1).replace(/\\(["\\])/g, '$1')),
    // After the conversion, it describes the key, and not the header in the documentation.
    v.metadata({ maxLength: IDEMPOTENCY_KEY_MAX }),
    v.maxLength(IDEMPOTENCY_KEY_MAX, RULE),
    domain(IdempotencyKey),
  ),
);

/** The header of a response that repeats an earlier one. */
export const REPLAYED = { 'Idempotency-Replayed': 'true' } as const;
