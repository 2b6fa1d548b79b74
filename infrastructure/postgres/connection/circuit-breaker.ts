import { setTimeout as pause } from 'node:timers/promises';

/** How often an open breaker tries the database. */
const PROBE_INTERVAL_MS = 250;

/**
 * Refuses work at once while the database is known not to answer. In the meantime it probes the database on its own, so
 * that no caller has to wait for an attempt. Libraries let one of the callers make the attempt, and that caller waits
 * for the whole timeout of a database that is frozen.
 */
export class CircuitBreaker {
  private open = false;
  private closed = false;

  constructor(
    /** Resolves if the database answers. It has a timeout of its own. */
    private readonly probe: () => Promise<void>,
    private readonly onChange: (state: 'open' | 'closed') => void,
  ) {}

  get isOpen(): boolean {
    return this.open;
  }

  /** Call it when the database does not answer. The breaker closes as soon as a probe succeeds. */
  trip(): void {
    if (this.open || this.closed) return;
    this.open = true;
    this.onChange('open');
    void this.probeUntilAnswered();
  }

  /** Stops probing for good. */
  close(): void {
    this.closed = true;
    this.open = false;
  }

  /** Probes overlap: one that hangs does not delay the next. */
  private async probeUntilAnswered(): Promise<void> {
    while (this.open) {
      void this.probe().then(
        () => this.recover(),
        () => {}, // the next probe follows
      );
      await pause(PROBE_INTERVAL_MS, undefined, { ref: false });
    }
  }

  private recover(): void {
    if (!this.open) return;
    this.open = false;
    this.onChange('closed');
  }
}
