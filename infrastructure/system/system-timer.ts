import type { Timer } from '../../application/ports/timer.ts';

/** The timer of Node.js. */
export class SystemTimer implements Timer {
  every(intervalMs: number, call: () => void): () => void {
    const interval = setInterval(call, intervalMs).unref();
    return () => clearInterval(interval);
  }
}
