import type { CliContext } from './cli-context.ts';

/** Milliseconds within which two SIGINTs are one Ctrl-C: the terminal sends it to us and to npm, and npm passes it on. */
const SAME_CTRL_C = 100;

/**
 * Resolves at the first signal.
 *
 * @param onSignal told of each signal, by its number: there may be nothing yet to stop in good order, and the second
 *   one is of somebody who will not wait
 */
export function stopAsked(signals: CliContext['signals'], onSignal: (asked: number) => void): Promise<string> {
  return new Promise((resolve) => {
    let asked = 0;
    const ask = (signal: string) => {
      asked += 1;
      onSignal(asked);
      resolve(signal);
    };
    let interrupted = Number.NEGATIVE_INFINITY;
    signals.on('SIGTERM', () => ask('SIGTERM'));
    signals.on('SIGINT', () => {
      const again = performance.now() - interrupted < SAME_CTRL_C;
      interrupted = performance.now();
      if (!again) ask('SIGINT');
    });
  });
}
