import type { Timer } from '../../application/ports/timer.ts';

/** A timer whose time passes when a test says so. */
export class ManualTimer implements Timer {
  private readonly calls = new Set<() => void>();

  get isRunning(): boolean {
    return this.calls.size > 0;
  }

  every(_intervalMs: number, call: () => void): () => void {
    const own = () => call();
    this.calls.add(own);
    return () => void this.calls.delete(own);
  }

  /** Calls everything that is due, and lets what it starts run, as far as it does not wait for I/O. */
  async tick(times = 1): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      for (const call of this.calls) call();
      await new Promise(setImmediate);
    }
  }
}
