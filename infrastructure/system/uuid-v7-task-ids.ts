import { v7 } from 'uuid';
import type { TaskIds } from '../../application/ports/task-ids.ts';
import { TaskId } from '../../domain/task-id.ts';

/** UUIDs of version 7 (RFC 9562, section 5.7). Within a millisecond, the library counts up, so the ids are in order. */
export class UuidV7TaskIds implements TaskIds {
  next(): TaskId {
    return TaskId(v7());
  }
}
