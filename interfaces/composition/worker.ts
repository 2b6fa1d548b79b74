import cluster, { type Worker } from 'node:cluster';
import { createLogger } from '../../infrastructure/system/logger.ts';
import type { CliContext } from './cli-context.ts';
import { readConfiguration } from './configuration/configuration.ts';
import { COLLECT_METRICS, DRAIN, type WorkerReport } from './fork-worker.ts';
import { InProcessServer } from './in-process-server.ts';
import { explainError } from './operator-error.ts';
import { exitOnClosedOutput, OUTPUT_CLOSED, STOP_SIGNALS } from './shutdown.ts';

/** The primary process, as a worker sees it. */
export interface Primary {
  /** The number that it assigned to this worker. */
  readonly workerId: number;
  report(report: WorkerReport): Promise<void>;
  /** Calls the listener when the primary asks this worker to drain. */
  onDrain(listener: () => void): void;
  /** Calls the listener when the primary has ended. Without a listener, the worker then ends immediately. */
  onGone(listener: () => void): void;
  /** Calls the listener when the primary asks for the metrics of this worker. */
  onCollectMetrics(listener: () => void): void;
}

/** Serves until the primary or a signal asks it to drain. Resolves with the exit code and never rejects. */
export async function runWorker(
  { env, stdout, signals }: Pick<CliContext, 'env' | 'stdout' | 'signals'>,
  primary: Primary,
): Promise<number> {
  let drain = () => {};
  const draining = new Promise<void>((resolve) => {
    drain = resolve;
  });
  primary.onDrain(drain);
  // Terminals and some supervisors signal every process of the group. The primary handles a second signal.
  for (const cause of [...STOP_SIGNALS, OUTPUT_CLOSED]) signals.on(cause, drain);
  try {
    const { databaseUrl, ...configuration } = readConfiguration(env);
    if (databaseUrl === undefined) throw new Error('a worker needs the database that its primary opened');
    const log = createLogger(configuration.logLevel, stdout, { pretty: stdout.isTTY === true });
    signals.once('exit', () => log.flush()); // the last lines explain why the process ended
    const server = new InProcessServer({ ...configuration, databaseUrl }, log.child({ worker: primary.workerId }));
    try {
      const listening = await server.start();
      primary.onGone(drain);
      primary.onCollectMetrics(async () => primary.report({ metrics: await server.metricsSnapshot() }));
      await primary.report({ listening });
      await draining;
    } finally {
      await server.close();
    }
    return 0;
  } catch (error) {
    const { text, exitCode } = explainError(error);
    await primary.report({ fault: text });
    return exitCode;
  }
}

/** The entry of a worker process, which `forkWorker` starts. */
if (cluster.worker !== undefined) {
  const { worker } = cluster;
  exitOnClosedOutput({ stdout: process.stdout, signals: process, exit: process.exit });
  // biome-ignore lint/style/noProcessEnv: the only read in a worker
  const context = { env: process.env, stdout: process.stdout, signals: process };
  process.exitCode = await runWorker(context, primaryOf(worker));
  worker.exitedAfterDisconnect = true;
  if (process.connected) process.disconnect();
}

function primaryOf(worker: Worker): Primary {
  return {
    workerId: worker.id,
    // The callback receives an error if the primary has ended. Then the report is not needed.
    report: (report) => new Promise((resolve) => worker.send(report, () => resolve())),
    onDrain: (listener) => void worker.on('message', (message: unknown) => message === DRAIN && listener()),
    onCollectMetrics: (listener) =>
      void worker.on('message', (message: unknown) => message === COLLECT_METRICS && listener()),
    onGone: (listener) =>
      void worker.on('disconnect', () => {
        worker.exitedAfterDisconnect = true; // otherwise Node.js ends this process immediately
        listener();
      }),
  };
}
