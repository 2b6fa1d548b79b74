import { errorCode } from '../../infrastructure/error-code.ts';
import type { CliContext } from './cli-context.ts';

/** How long requests in flight may take to finish when the server shuts down. */
export const GRACE_PERIOD_MS = 10_000;

/** Two SIGINTs within this time come from one Ctrl-C: from the terminal, and from npm, which forwards its own. */
const CTRL_C_WINDOW_MS = 100;

/**
 * Resolves with the name of the first SIGTERM or SIGINT.
 *
 * @param onSignal receives the number of each signal, starting at 1
 */
export function waitForShutdown(
  { signals, clock }: Pick<CliContext, 'signals' | 'clock'>,
  onSignal: (count: number) => void,
): Promise<string> {
  return new Promise((resolve) => {
    let count = 0;
    let lastInterruptMs = Number.NEGATIVE_INFINITY;
    const receive = (signal: string) => {
      count += 1;
      onSignal(count);
      resolve(signal);
    };
    signals.on('SIGTERM', receive);
    signals.on('SIGINT', (signal) => {
      const sinceLastMs = clock.monotonicMs() - lastInterruptMs;
      lastInterruptMs = clock.monotonicMs();
      if (sinceLastMs >= CTRL_C_WINDOW_MS) receive(signal);
    });
  });
}

/**
 * Ends the process when its output is closed. Other programs end by SIGPIPE then, which Node.js ignores. A server shuts
 * down as on SIGTERM; any other command exits immediately.
 */
export function exitOnBrokenPipe({ stdout, signals, exit }: Pick<CliContext, 'stdout' | 'signals' | 'exit'>): void {
  let broken = false;
  stdout.on('error', (error) => {
    if (errorCode(error) !== 'EPIPE') throw error;
    if (broken) return;
    broken = true;
    if (!signals.emit('SIGTERM', 'SIGTERM')) exit(1);
  });
}
