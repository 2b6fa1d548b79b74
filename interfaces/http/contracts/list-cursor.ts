import { isInstant } from '../../../domain/instant.ts';
import type { ListCursor } from '../../../domain/list-cursor.ts';
import type { TaskQuery } from '../../../domain/task.ts';
import { TaskNumber } from '../../../domain/task-number.ts';
import type { UserId } from '../../../domain/user-id.ts';
import { RequestInvalid } from '../errors/http-errors.ts';
import type { ListRequest } from './list-request.ts';
import { numberIn, openToken, sealToken } from './opaque-token.ts';

/** Makes the cursor that a client sends to continue a list. The title comes last, because it can have line breaks. */
export function sealCursor({ createdAt, number, title }: ListCursor, query: TaskQuery, owner: UserId): string {
  const titles = query.order === 'title' && title !== undefined ? [title] : [];
  return sealToken([createdAt, number, ...titles], scopeOf(query, owner));
}

/**
 * Where a page begins. `undefined`: at the beginning.
 *
 * @throws RequestInvalid if the cursor is not one of this list and user, or if there is no limit
 */
export function cursorIn({ cursor, limit, query }: ListRequest, owner: UserId): ListCursor | undefined {
  if (cursor === undefined) return undefined;
  if (limit === undefined) throw invalid('cursor needs a limit');
  const [createdAt = '', numberPart, ...lines] = openToken(cursor, scopeOf(query, owner)) ?? [];
  const number = numberIn(numberPart);
  const title = lines.join('\n');
  if (!isInstant(createdAt) || !number || title.includes('\0')) {
    throw invalid('cursor must come from the `Link` of an earlier response to you, for the same filter and order');
  }
  return { createdAt, number: TaskNumber(number), title };
}

function invalid(message: string): RequestInvalid {
  return new RequestInvalid([{ field: 'cursor', message }]);
}

function scopeOf({ order, completed, search }: TaskQuery, owner: UserId): readonly string[] {
  return ['list', owner, order, String(completed), ...(search ?? [])];
}
