import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { isRevision, type Precondition, type Revision, revisionOf } from '../../../domain/revision.ts';
import type { Task } from '../../../domain/task.ts';
import type { TasksState } from '../../../domain/task-changes.ts';
import type { UserId } from '../../../domain/user-id.ts';
import type { Schema } from './validation.ts';

/** The entity tags that a header lists (RFC 9110, section 8.8.3), each without its quotes; `*` stands for any. */
type EntityTags = '*' | readonly { readonly tag: string; readonly isWeak: boolean }[];

/** The length of the digest of the user in the tag of a list. */
const OWNER_CHARACTERS = 8;

/** The states of a task in which a write may happen; `undefined` for any. A weak tag matches none (RFC 9110, section 13.1.1). */
export const ifMatch: Schema<Precondition | undefined> = v.optional(
  v.pipe(
    entityTags('If-Match', 'Write only if the task still has this ETag, otherwise 412', '"3-89abcdef0123"'),
    v.transform((tags): Precondition | undefined =>
      tags === '*' ? undefined : { revisions: tags.flatMap(revisions) },
    ),
  ),
);

/** The tags that a client already has. */
export const ifNoneMatch: Schema<EntityTags | undefined> = v.optional(
  entityTags('If-None-Match', 'Send nothing (304) if this ETag is still current', '"3-89abcdef0123"'),
);

/** The strong tag of a task. */
export function etagOf(task: Task): string {
  return `"${revisionOf(task)}"`;
}

/**
 * The strong tag of every list of a user. It differs between users, because some contracts have the lists of all users at
 * one URL.
 */
export function etagOfList(owner: UserId, state: TasksState | undefined): string {
  if (state === undefined) return '"0"';
  const user = createHash('sha256').update(owner).digest('base64url').slice(0, OWNER_CHARACTERS);
  return `"${state.startedAt.replace(/\D/g, '')}-${state.position}-${user}"`;
}

/** Whether a client already has what a tag stands for. The comparison is weak (RFC 9110, section 13.1.2). */
export function isKnown(etag: string, known: EntityTags | undefined): boolean {
  if (known === undefined) return false;
  return known === '*' || known.some(({ tag }) => `"${tag}"` === etag);
}

function entityTags(name: string, description: string, example: string) {
  return v.pipe(
    v.string(),
    v.metadata({ description, examples: [example] }),
    v.rawTransform<string, EntityTags>(({ dataset, addIssue, NEVER }) => {
      const tags = parseTags(dataset.value);
      if (tags !== undefined) return tags;
      addIssue({ message: malformed(name) });
      return NEVER;
    }),
  );
}

/** `undefined` if the header is malformed. Empty elements of a list are ignored (RFC 9110, section 5.6.1). */
function parseTags(header: string): EntityTags | undefined {
  if (header.trim() === '*') return '*';
  const tags: { tag: string; isWeak: boolean }[] = [];
  const element = /[ \t]*(?:(W\/)?"([\x21\x23-\x7e\x80-\xff]*)")?[ \t]*(?:,|$)/y;
  while (element.lastIndex < header.length) {
    const match = element.exec(header);
    if (match === null) return undefined;
    if (match[2] !== undefined) tags.push({ tag: match[2], isWeak: match[1] !== undefined });
  }
  return tags.length === 0 ? undefined : tags;
}

/** A tag that this server did not make stands for no state of a task. */
function revisions({ tag, isWeak }: { readonly tag: string; readonly isWeak: boolean }): Revision[] {
  return !isWeak && isRevision(tag) ? [tag] : [];
}

function malformed(name: string): string {
  return `${name} must be * or a list of entity tags such as "3-89abcdef0123"`;
}
