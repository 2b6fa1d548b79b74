import type { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';

/** What a command has of the process that it runs in. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
  /** Tells of SIGTERM, SIGINT and, at the very end, `exit`. */
  readonly signals: EventEmitter;
  /** Ends the process without another word. */
  readonly exit: (code: number) => void;
}
