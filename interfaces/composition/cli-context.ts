import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import type { Clock } from '../../application/ports/clock.ts';

/** The parts of the process that a command uses. Tests provide others. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
  /** Emits the names of signals, and `exit` when the process ends. */
  readonly signals: EventEmitter;
  readonly clock: Clock;
  /** Ends the process immediately. */
  readonly exit: (code: number) => void;
}
