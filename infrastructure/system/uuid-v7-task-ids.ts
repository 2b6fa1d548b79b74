import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import type { TaskIds } from '../../application/ports/task-ids.ts';
import { TaskId } from '../../domain/task-id.ts';

/** Random bytes for an id, and for how many ids they are drawn at once: to draw them takes longer than all the rest. */
const BYTES = 16;
const AT_ONCE = 256;

/** UUIDs of version 7 (RFC 9562, section 5.7): by the millisecond, and random within it. */
export class UuidV7TaskIds implements TaskIds {
  private readonly drawn = new Uint8Array(BYTES * AT_ONCE);
  private used = this.drawn.length;

  next(): TaskId {
    return TaskId(v7({ random: this.random() }));
  }

  private random(): Uint8Array {
    if (this.used === this.drawn.length) {
      randomFillSync(this.drawn);
      this.used = 0;
    }
    this.used += BYTES;
    return this.drawn.subarray(this.used - BYTES, this.used);
  }
}
