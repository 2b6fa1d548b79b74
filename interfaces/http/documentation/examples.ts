import { RateLimited, Unauthenticated, Unavailable } from '../../../application/errors.ts';
import type { Rate } from '../../../application/ports/rate-limiter.ts';
import { Description } from '../../../domain/description.ts';
import { TaskNotFound } from '../../../domain/errors.ts';
import { Instant } from '../../../domain/instant.ts';
import type { Task } from '../../../domain/task.ts';
import { TaskId } from '../../../domain/task-id.ts';
import { TaskNumber } from '../../../domain/task-number.ts';
import { Title } from '../../../domain/title.ts';
import { UserId } from '../../../domain/user-id.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Endpoint } from '../contracts/endpoints.ts';
import { fields, parse } from '../contracts/validation.ts';
import { type ErrorKind, type Failure, failureOf } from '../errors/http-errors.ts';
import { notAnObject, notJson, tooLarge } from '../pipeline/json-body.ts';
import { rateLimitHeaders } from '../pipeline/rate-limit-headers.ts';
import { notTheirs } from '../pipeline/require-user.ts';

export const NOW = Instant('2026-11-20T17:00:00.123456Z');

export const TASK: Task = {
  owner: UserId('demo'),
  id: TaskId('0192f1a0-7b1c-7def-8abc-0123456789ab'),
  number: TaskNumber(42),
  title: Title('Buy groceries'),
  description: Description('Milk, eggs'),
  completed: false,
  createdAt: NOW,
  updatedAt: NOW,
  version: 1,
};

const RATE: Rate = { limit: 1000, window: 60 };

/** The errors that any request may meet, as they are thrown. */
const THROWN: Record<Exclude<ErrorKind, 'validation_error' | 'method_not_allowed' | 'route_not_found'>, unknown> = {
  invalid_json: notAnObject(),
  unauthorized: new Unauthenticated('the token has expired', true),
  forbidden: notTheirs(),
  task_not_found: new TaskNotFound(),
  payload_too_large: tooLarge(),
  unsupported_media_type: notJson(),
  rate_limited: new RateLimited('user', RATE, { allowed: false, remaining: 0, resetAfter: 27 }),
  internal_error: new Error('unforeseen'),
  service_unavailable: new Unavailable('The database is out of reach at the moment, try again', 2),
};

export type DocumentedKind = keyof typeof THROWN | 'validation_error';

/** An error of this kind as this endpoint tells it. */
export function failureExample(kind: DocumentedKind, endpoint: Endpoint, contract: Contract): Omit<Failure, 'status'> {
  return failureOf(kind === 'validation_error' ? invalid(endpoint, contract) : THROWN[kind]);
}

/** What is thrown at a value that this endpoint does not take. */
function invalid(endpoint: Endpoint, { id }: Contract): unknown {
  try {
    if (endpoint.operation === 'list') parse(endpoint.query, { status: 'done' });
    else if ('body' in endpoint && endpoint.body) parse<unknown>(endpoint.body, { title: '', completed: 'yes' });
    else parse(fields({ id }), { id: 'first' });
  } catch (thrown) {
    return thrown;
  }
  throw new Error(`there is no example of a value that ${endpoint.path} refuses`);
}

const HEADERS: Readonly<Record<string, string>> = {
  'WWW-Authenticate': 'Asks for a Bearer token, and says what is wrong with the one that came (RFC 6750)',
  'Retry-After': 'When to ask again, in seconds',
  'RateLimit-Policy': 'The limit: so many requests (q) in so many seconds (w)',
  RateLimit: 'What is left of it: so many requests (r), and seconds until all of them are there again (t)',
};

/** What the headers say that tell a user of the limit, as OpenAPI has it. */
export const RATE_LIMIT_HEADERS = headersOf({
  headers: rateLimitHeaders('user', RATE, { allowed: true, remaining: 998, resetAfter: 27 }),
});

/** The headers that an error brings along, as OpenAPI has them. */
export function headersOf({ headers }: Pick<Failure, 'headers'>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, example]) => [
      name,
      { description: HEADERS[name], schema: { type: 'string' }, example },
    ]),
  );
}
