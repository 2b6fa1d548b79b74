import type { Brand } from './brand.ts';
import { InvalidValue } from './domain-errors.ts';

/** The UUID of a task, in lower case and globally unique. New ids are version 7 (RFC 9562), so they sort by time. */
export type TaskId = Brand<string, 'TaskId'>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @throws InvalidValue unless it is a UUID in the 8-4-4-4-12 form of RFC 9562, in either letter case */
export function TaskId(raw: string): TaskId {
  const id = raw.toLowerCase();
  if (!UUID.test(id)) throw new InvalidValue('id', 'must be a UUID');
  return id as TaskId;
}
