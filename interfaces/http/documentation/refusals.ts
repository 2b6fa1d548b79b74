import {
  CredentialsInvalid,
  EmailTaken,
  RateLimited,
  Unauthenticated,
  Unavailable,
} from '../../../application/application-errors.ts';
import type { Rate } from '../../../application/ports/rate-limiter.ts';
import { CheckpointExpired, IdempotencyKeyReused, TaskChanged, TaskNotFound } from '../../../domain/domain-errors.ts';
import type { Endpoint, Refusal } from '../contracts/endpoint.ts';
import { invalidHeader } from '../contracts/read-input.ts';
import { parse, type Schema } from '../contracts/validation.ts';
import {
  type Fault,
  InvalidHeader,
  InvalidJson,
  PayloadTooLarge,
  RequestInvalid,
  TooManyStreams,
  UnsupportedMediaType,
  UserMismatch,
} from '../errors/http-errors.ts';
import { NOT_AN_OBJECT, NOT_JSON, TOO_LARGE } from '../pipeline/json-body.ts';
import { rateLimitHeaders } from '../pipeline/rate-limit-headers.ts';
import { exampleOf, propertiesOf, type Schemas } from './json-schemas.ts';

const RATE: Rate = { limit: 1000, window: 60 };

/** The headers that state the user's quota, with an example. */
export const EXAMPLE_QUOTA_HEADERS = rateLimitHeaders('user', RATE, { allowed: true, remaining: 998, resetAfter: 27 });

/** Each refusal that an endpoint can declare, with an error of its kind. */
const REFUSALS: Readonly<Record<Refusal, readonly [summary: string, example: Error]>> = {
  RequestInvalid: [
    'A value is invalid. The message names the field and its rule.',
    new RequestInvalid([{ field: undefined, message: 'The request is invalid' }]),
  ],
  InvalidJson: ['The body is not a JSON object.', new InvalidJson(NOT_AN_OBJECT)],
  InvalidHeader: [
    'A header is malformed. The message names it.',
    new InvalidHeader([{ field: undefined, message: 'The header is malformed' }]),
  ],
  Unauthenticated: ['The token is missing or invalid.', new Unauthenticated('the token has expired')],
  UserMismatch: ['The path names another user than the signed-in one.', new UserMismatch()],
  TaskNotFound: ['The user has no such task.', new TaskNotFound()],
  CheckpointExpired: ['The token is too old: start again without it.', new CheckpointExpired()],
  TaskChanged: ['The task has changed since it had the ETag of If-Match.', new TaskChanged()],
  IdempotencyKeyReused: ['The Idempotency-Key belongs to a task with other values.', new IdempotencyKeyReused()],
  CredentialsInvalid: ['The e-mail address or the password is wrong.', new CredentialsInvalid()],
  EmailTaken: ['Another account has the e-mail address.', new EmailTaken()],
  PayloadTooLarge: ['The body is larger than 1 MiB.', new PayloadTooLarge(TOO_LARGE)],
  UnsupportedMediaType: ['The body is not sent as application/json.', new UnsupportedMediaType(NOT_JSON)],
  RateLimited: [
    'Too many requests. Retry-After says when to retry.',
    new RateLimited('user', RATE, { allowed: false, remaining: 0, resetAfter: 27 }),
  ],
  Unexpected: ['Unexpected server error.', new Error('unexpected')],
  Unavailable: [
    'The database is temporarily out of reach, or the server is overloaded.',
    new Unavailable('The database is out of reach at the moment, try again', 2),
  ],
  TooManyStreams: ['The user or the server has too many event streams.', new TooManyStreams()],
};

/**
 * The refusals of an endpoint with their summaries and examples. The examples of invalid input are errors of its own schemas.
 * An input without fields cannot be invalid.
 */
export function refusalsOf({ refusals, input }: Endpoint, schemas: Schemas) {
  const part = [input.query, input.body, input.path].find((part) => part && hasFields(part, schemas));
  const own: { readonly [Name in Refusal]?: Error | undefined } = {
    RequestInvalid: part && faultOf(schemas, part, ''),
    InvalidHeader: input.headers && faultOf(schemas, input.headers, 'x', invalidHeader),
  };
  return refusals
    .filter((refusal) => refusal !== 'RequestInvalid' || part)
    .map((name) => {
      const [summary, example] = REFUSALS[name];
      return { name, summary, example: own[name] ?? example };
    });
}

/** Whether an object schema has any fields. */
export function hasFields(schema: Schema<unknown>, schemas: Schemas): boolean {
  return propertiesOf(schemas.sent(schema)).length > 0;
}

/** The error for the first field that refuses a text; `undefined` if all accept it. */
function faultOf(
  schemas: Schemas,
  schema: Schema<unknown>,
  text: string,
  refusal?: (faults: readonly Fault[]) => Error,
): Error | undefined {
  const sent = schemas.sent(schema);
  const fields = propertiesOf(sent);
  const required = fields.filter(([name]) => sent.required?.includes(name));
  const valid = Object.fromEntries(required.map(([name, field]) => [name, exampleOf(field)]));
  for (const [name] of fields) {
    try {
      parse(schema, { ...valid, [name]: text }, refusal);
    } catch (thrown) {
      if (thrown instanceof Error) return thrown;
    }
  }
  return undefined;
}
