import * as v from 'valibot';
import { isInstant } from '../../../domain/instant.ts';
import type { Task } from '../../../domain/task.ts';
import type { ChangedTask, Checkpoint, TaskChanges } from '../../../domain/task-changes.ts';
import { DELETIONS_KEPT_DAYS } from '../../../domain/task-changes.ts';
import type { UserId } from '../../../domain/user-id.ts';
import { RequestInvalid } from '../errors/http-errors.ts';
import type { Contract } from './contract.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { json, ok, type ResponseBody, responseBody } from './http-response.ts';
import { numberIn, openToken, sealToken } from './opaque-token.ts';
import { pageLimit } from './page-limit.ts';
import type { TaskIdKind } from './task-id-kinds.ts';
import { EXAMPLE_TASK } from './task-schemas.ts';
import { fields, text } from './validation.ts';

/** Changes with the token that continues after them. */
interface ChangePage {
  readonly page: TaskChanges;
  readonly next: string;
}

/** The body of a page of changes. */
export type ChangesBody = ResponseBody<[page: ChangePage]>;

/**
 * Declares the body of a page of changes: tasks in the form of the contract, and deletions.
 *
 * @param envelope what the contract puts around it. Default: nothing
 */
export function changesBody(
  task: ResponseBody<[task: Task]>,
  id: TaskIdKind,
  envelope: {
    readonly schema: (page: v.GenericSchema) => v.GenericSchema;
    readonly of: (page: unknown) => unknown;
  } = { schema: (page) => page, of: (page) => page },
): ChangesBody {
  const deleted = v.pipe(v.object({ id: id.inBody, deleted: v.literal(true) }), v.description('A task was deleted'));
  const schema = v.object({
    changes: v.array(v.union([task.schema, deleted])),
    next: v.pipe(v.string(), v.description('Send it as `since` to continue')),
    more: v.pipe(v.boolean(), v.description('Whether there are more changes at this moment')),
  });
  const one = (changed: ChangedTask) =>
    'task' in changed ? task.of(changed.task) : { id: id.of(changed.deleted), deleted: true };
  return responseBody(envelope.schema(schema), ({ page, next }) =>
    envelope.of({ changes: page.changes.map(one), next, more: page.more }),
  );
}

const LIMIT_DEFAULT = 500;

const READ_UP_TO = {
  name: 'X-Task-Position',
  description:
    'The client has read the writes up to this position, including its own write if `X-Task-Position` of that is not higher',
} as const;

/** It precedes the endpoints of one task: their ids stand in the same place of the path. */
export function readChanges({
  path,
  changes,
}: {
  readonly path: Contract['path'];
  readonly changes: ChangesBody;
}): Endpoint {
  return endpoint({
    method: 'GET',
    path: `${path}/changes`,
    input: { query },
    run: async (useCases, owner, { query: { since, limit } }) => {
      const after = since === undefined ? undefined : checkpointIn(since, owner);
      const page = await useCases.readChanges.execute({ owner, after, limit });
      return { page, next: tokenOf(page.next, owner) };
    },
    responses: { 200: { ...json('What changed', changes, EXAMPLE_PAGE), headers: [READ_UP_TO] } },
    refusals: ['CheckpointExpired'],
    respond: (read) => ok(changes.of(read), { 'X-Task-Position': String(read.page.next?.position ?? 0) }),
    operationId: 'readChanges',
    summary: 'Read what changed',
    description: `Returns each task that was created or changed since a token, once, as it is now, and the ids of the tasks that were deleted. Without a token, it begins with all tasks. Repeat it with \`next\` while \`more\` is true. Deletions are kept for ${DELETIONS_KEPT_DAYS} days; an older token is 410.`,
  });
}

const EXAMPLE_TOKEN = sealToken([EXAMPLE_TASK.createdAt, EXAMPLE_TASK.position + 1, 0, 0], ['example']);

const query = v.pipe(
  fields({
    since: v.optional(
      v.pipe(
        text(),
        v.metadata({
          description: '`next` of the last response; absent: begin',
          examples: [EXAMPLE_TOKEN],
        }),
      ),
    ),
    limit: v.optional(pageLimit(`How many changes to return; default: ${LIMIT_DEFAULT}`)),
  }),
  v.transform(({ since, limit = LIMIT_DEFAULT }) => ({ since, limit })),
);

/** The token of a user who has had no task yet stands for the beginning. */
function tokenOf(checkpoint: Checkpoint | undefined, owner: UserId): string {
  if (checkpoint === undefined) return sealToken([], scopeOf(owner));
  const { startedAt, position, number, beganAt } = checkpoint;
  return sealToken([startedAt, position, number, beganAt], scopeOf(owner));
}

/** @throws RequestInvalid if the token is not one of this user */
function checkpointIn(token: string, owner: UserId): Checkpoint | undefined {
  const [startedAt, ...numbers] = openToken(token, scopeOf(owner)) ?? ['invalid'];
  if (startedAt === '') return undefined;
  const [position, number, beganAt] = numbers.map(numberIn);
  if (
    startedAt === undefined ||
    !isInstant(startedAt) ||
    position === undefined ||
    number === undefined ||
    beganAt === undefined
  ) {
    throw new RequestInvalid([{ field: 'since', message: 'since must be the `next` of an earlier response to you' }]);
  }
  return { startedAt, position, number, beganAt };
}

function scopeOf(owner: UserId): readonly string[] {
  return ['changes', owner];
}

const EXAMPLE_PAGE: ChangePage = {
  page: {
    changes: [
      { task: EXAMPLE_TASK },
      { deleted: { id: EXAMPLE_TASK.id, number: EXAMPLE_TASK.number, position: EXAMPLE_TASK.position + 1 } },
    ],
    next: undefined,
    more: false,
  },
  next: EXAMPLE_TOKEN,
};
