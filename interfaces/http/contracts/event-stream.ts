import { Readable } from 'node:stream';
import type { Hint, Watch } from '../../../application/watch.ts';

/** How long a client should wait before it opens a stream that has ended again, in milliseconds. */
const RETRY_MS = 3_000;

/**
 * The hints of a watch as Server-Sent Events (HTML standard, section 9.2). It takes a hint only once the client has read
 * the one before. Destroying it closes the watch.
 */
export class EventStream extends Readable {
  constructor(private readonly watch: Watch) {
    super({ highWaterMark: 1 });
    this.push(`retry: ${RETRY_MS}\n\n`);
  }

  override _read(): void {
    void this.watch.next().then((hint) => this.push(hint === undefined ? null : textOf(hint)));
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.watch.close();
    done(error);
  }
}

function textOf(hint: Hint): string {
  return hint === 'unchanged' ? ':\n\n' : positionEvent(hint.position);
}

/** The event that tells a position. */
export function positionEvent(position: number): string {
  return `event: position\nid: ${position}\ndata: ${JSON.stringify({ position })}\n\n`;
}
