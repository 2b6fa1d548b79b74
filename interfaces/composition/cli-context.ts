import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import type { Clock } from '../../application/ports/clock.ts';

/** What a command may use of the process that runs it. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
  /** Emits `SIGTERM`, `SIGINT` and, at the very end, `exit`. */
  readonly signals: EventEmitter;
  readonly clock: Clock;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
}
