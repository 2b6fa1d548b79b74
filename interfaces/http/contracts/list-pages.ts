import type { UseCases } from '../../../application/use-cases.ts';
import type { ListCursor } from '../../../domain/list-cursor.ts';
import type { UserId } from '../../../domain/user-id.ts';
import { sealCursor } from './list-cursor.ts';
import type { ListRequest } from './list-request.ts';
import { type OpenList, openList } from './task-list.ts';

/** A list, or a page of it with the URL of the next page. */
export type Listed = OpenList & { readonly next?: string | undefined };

/** Reads the page that a request asks for, or the beginning of the whole list. */
export async function openListOrPage(
  useCases: Pick<UseCases, 'listTasks' | 'readPage'>,
  owner: UserId,
  request: ListRequest,
  after: ListCursor | undefined,
): Promise<Listed> {
  const { query, limit } = request;
  if (limit === undefined) return openList(useCases.listTasks.execute({ owner, query }));
  const { tasks, next, ...opened } = await useCases.readPage.execute({ owner, query, limit, after });
  return { ...opened, whole: tasks, next: next && urlOf(request, sealCursor(next, query, owner)) };
}

/** The headers of a page (RFC 8288), and of a list whose tasks were counted. */
export function pageHeaders({ next, total }: Listed): Record<string, string> {
  return {
    ...(next === undefined ? {} : { Link: `<${next}>; rel="next"` }),
    ...(total === undefined ? {} : { 'X-Total-Count': String(total) }),
  };
}

/**
 * The URL of the next page, relative to that of the request: a proxy may have changed the host and the path that the client
 * sees.
 */
function urlOf({ sent }: ListRequest, cursor: string): string {
  return `?${new URLSearchParams({ ...sent, cursor })}`;
}
