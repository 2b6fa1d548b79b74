import * as v from 'valibot';
import type { Task } from '../../../domain/task.ts';
import { etagOf, ifMatch, ifNoneMatch } from './conditional-headers.ts';
import { idempotencyKey } from './idempotency-header.ts';
import { fields } from './validation.ts';

/** The request header of a read: which states the client knows. */
export const knownState = v.pipe(
  fields({ 'if-none-match': ifNoneMatch }),
  v.transform(({ 'if-none-match': known }) => ({ known })),
);

/** The request header of a write: in which states the task may be. */
export const expectedState = v.pipe(
  fields({ 'if-match': ifMatch }),
  v.transform(({ 'if-match': precondition }) => ({ if: precondition })),
);

/** The request header of a create: its idempotency key. */
export const creationKey = v.pipe(
  fields({ 'idempotency-key': idempotencyKey }),
  v.transform(({ 'idempotency-key': once }) => ({ once })),
);

/** The response to a read of a state that the client knows. */
export const NOT_MODIFIED = { description: 'Nothing has changed since this ETag', headers: ['ETag'] } as const;

/** The headers of the response to a write. */
export const WRITTEN = ['ETag', 'X-Task-Position'] as const;

/** The values of `WRITTEN`. */
export function written(task: Task) {
  return { ETag: etagOf(task), 'X-Task-Position': String(task.position) };
}
