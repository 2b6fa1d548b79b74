import { errorCode } from '../../infrastructure/error-code.ts';
import type { CliContext } from './cli-context.ts';

/**
 * Ends the process when nobody reads any more what it writes, as SIGPIPE, which Node.js ignores, ends others: a server in
 * good order, whatever else at once.
 */
export function endWithReader({ stdout, signals, exit }: Pick<CliContext, 'stdout' | 'signals' | 'exit'>): void {
  let gone = false;
  stdout.on('error', (error) => {
    if (errorCode(error) !== 'EPIPE') throw error;
    if (gone) return;
    gone = true;
    if (!signals.emit('SIGTERM', 'SIGTERM')) exit(1);
  });
}
