import type { Brand } from './brand.ts';
import { InvalidValue } from './domain-errors.ts';
import type { Task } from './task.ts';

/**
 * Identifies a state of a task: its version and the end of its id. A version alone is not enough, because the numbers of a
 * user's tasks start again after their data was erased.
 */
export type Revision = Brand<string, 'Revision'>;

/** The digits of the id in a revision. In a version 7 UUID (RFC 9562) they are random. */
export const REVISION_ID_DIGITS = 12;

const REVISION = /^[1-9]\d{0,9}-[0-9a-f]{12}$/;

/** @throws InvalidValue unless the text has the form of `revisionOf` */
export function Revision(raw: string): Revision {
  if (!isRevision(raw)) throw new InvalidValue('revision', 'must look like 3-89abcdef0123');
  return raw;
}

/** Whether a text has the form of `revisionOf`. */
export function isRevision(raw: string): raw is Revision {
  return REVISION.test(raw);
}

/** The state that a task is in, such as `3-89abcdef0123`. */
export function revisionOf({ version, id }: Pick<Task, 'version' | 'id'>): Revision {
  return Revision(`${version}-${id.slice(-REVISION_ID_DIGITS)}`);
}

/** A write happens only if the task is in one of these states. An empty list allows no write. */
export interface Precondition {
  readonly revisions: readonly Revision[];
}

/** Whether a task meets a precondition. Without a precondition, every task does. */
export function meets(task: Task, precondition: Precondition | undefined): boolean {
  return precondition === undefined || precondition.revisions.includes(revisionOf(task));
}
