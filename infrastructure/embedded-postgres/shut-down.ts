import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type RunningProcess, terminate } from './running-process.ts';

/** How long to wait for the server to exit before the next, more forceful signal. */
const STEP_TIMEOUT_MS = 10_000;
const POLL_INTERVAL_MS = 5;

/**
 * Performs a fast shutdown, which ends the sessions and leaves a clean cluster. A server that does not exit in time gets
 * an immediate shutdown and then SIGKILL; the next start then runs a recovery. Resolves when the server has exited.
 *
 * @throws Error if the server belongs to another user
 */
export async function shutDown(postmaster: RunningProcess, pgCtl: string): Promise<void> {
  for (const signal of ['INT', 'QUIT', 'KILL'] as const) {
    terminate(postmaster, signal, pgCtl);
    const deadline = performance.now() + STEP_TIMEOUT_MS;
    while (isRunning(postmaster) && performance.now() < deadline) await sleep(POLL_INTERVAL_MS);
  }
}
