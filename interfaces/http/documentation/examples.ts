import { Unauthenticated, Unavailable } from '../../../application/errors.ts';
import { Description } from '../../../domain/description.ts';
import { TaskNotFound } from '../../../domain/errors.ts';
import { Instant } from '../../../domain/instant.ts';
import type { Task } from '../../../domain/task.ts';
import { TaskId } from '../../../domain/task-id.ts';
import { TaskNumber } from '../../../domain/task-number.ts';
import { Title } from '../../../domain/title.ts';
import { UserId } from '../../../domain/user-id.ts';
import { type ErrorKind, type Failure, failureOf, RequestInvalid, RequestRefused } from '../errors.ts';

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

/** Something to be thrown for each kind of error. */
const THROWN: Record<ErrorKind, unknown> = {
  validation_error: new RequestInvalid([{ field: 'title', message: 'title is required' }]),
  invalid_json: new RequestRefused('invalid_json', 'The body must be a JSON object'),
  unauthorized: new Unauthenticated('the token has expired', true),
  forbidden: new RequestRefused('forbidden', 'The user in the path is not the user who is signed in'),
  task_not_found: new TaskNotFound(),
  route_not_found: new RequestRefused('route_not_found', 'There is nothing at this path'),
  method_not_allowed: new RequestRefused('method_not_allowed', 'This path does not know POST, only GET'),
  payload_too_large: new RequestRefused('payload_too_large', 'The body must be at most 1 MiB'),
  unsupported_media_type: new RequestRefused(
    'unsupported_media_type',
    'The body must be sent as Content-Type: application/json',
  ),
  internal_error: new Error('unforeseen'),
  service_unavailable: new Unavailable('The database is out of reach at the moment, try again', 2),
};

export function failureExample(kind: ErrorKind): Omit<Failure, 'status'> {
  return failureOf(THROWN[kind]);
}

/** The headers that an error of this kind brings along, as OpenAPI has them. */
export function headersOf(kind: ErrorKind): Record<string, object> {
  const { headers } = failureExample(kind);
  return Object.fromEntries(
    Object.entries(headers).map(([name, example]) => [
      name,
      { description: HEADERS[name], schema: { type: 'string' }, example },
    ]),
  );
}

const HEADERS: Readonly<Record<string, string>> = {
  'WWW-Authenticate': 'Asks for a Bearer token, and says what is wrong with the one that came (RFC 6750)',
  'Retry-After': 'When to ask again, in seconds',
};
