import { constants } from 'node:os';
import { errorCode } from '../../infrastructure/error-code.ts';
import type { CliContext } from './cli-context.ts';

/** How long requests in flight may take to finish when the server shuts down. */
export const GRACE_PERIOD_MS = 10_000;

/** The signals that end a server in order. SIGHUP comes from a terminal that is closed. */
export const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGABRT'] as const;

/** Why a server shuts down: a signal, or nobody reads its output any more. */
export type StopCause = (typeof STOP_SIGNALS)[number] | typeof OUTPUT_CLOSED;

export const OUTPUT_CLOSED = 'output closed';

/** Two SIGINTs within this time come from one Ctrl-C: from the terminal, and from npm, which forwards its own. */
const CTRL_C_WINDOW_MS = 100;

/**
 * Resolves with the first cause to shut down.
 *
 * @param onStop receives each cause and its number, starting at 1. A terminal that is closed counts once, although it
 *   sends SIGHUP more than once and closes the output.
 */
export function waitForShutdown(
  { signals, clock }: Pick<CliContext, 'signals' | 'clock'>,
  onStop: (count: number, cause: StopCause) => void,
): Promise<StopCause> {
  return new Promise((resolve) => {
    let count = 0;
    let lastInterruptMs = Number.NEGATIVE_INFINITY;
    const receive = (cause: StopCause) => {
      if (count > 0 && (cause === 'SIGHUP' || cause === OUTPUT_CLOSED)) return;
      if (cause === 'SIGINT') {
        const sinceLastMs = clock.monotonicMs() - lastInterruptMs;
        lastInterruptMs = clock.monotonicMs();
        if (sinceLastMs < CTRL_C_WINDOW_MS) return;
      }
      count += 1;
      onStop(count, cause);
      resolve(cause);
    };
    for (const cause of [...STOP_SIGNALS, OUTPUT_CLOSED] as const) signals.on(cause, () => receive(cause));
  });
}

/**
 * The exit code after a shutdown in order: 0 if it was asked for in the usual way, otherwise that of a program that the
 * signal ended, 128 plus its number.
 */
export function exitCodeAfter(cause: StopCause): number {
  const isUsual = cause === 'SIGTERM' || cause === 'SIGINT' || cause === OUTPUT_CLOSED;
  return isUsual ? 0 : 128 + constants.signals[cause];
}

/**
 * Ends the process when its output is closed: a pipe without a reader, or a terminal that is gone. Other programs end by
 * SIGPIPE then, which Node.js ignores. A server shuts down as on SIGTERM; any other command exits immediately.
 */
export function exitOnClosedOutput({ stdout, signals, exit }: Pick<CliContext, 'stdout' | 'signals' | 'exit'>): void {
  let closed = false;
  stdout.on('error', (error) => {
    if (!['EPIPE', 'EIO'].includes(errorCode(error) ?? '')) throw error;
    if (closed) return;
    closed = true;
    if (!signals.emit(OUTPUT_CLOSED)) exit(1);
  });
}
