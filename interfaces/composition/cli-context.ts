import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import type { Clock } from '../../application/ports/clock.ts';

/** The parts of the process that a command uses. Tests provide others. */
export interface CliContext {
  /** A command sets what it reads from `envFile` here, as worker processes inherit it. */
  readonly env: Record<string, string | undefined>;
  /** The path of a file with settings, which need not exist. */
  readonly envFile?: string;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
  /** Emits the names of signals, and `exit` when the process ends. */
  readonly signals: EventEmitter;
  readonly clock: Clock;
  /** Ends the process immediately. */
  readonly exit: (code: number) => void;
}
