import cluster, { type Worker } from 'node:cluster';
import { createLogger } from '../../infrastructure/system/logger.ts';
import type { CliContext } from './cli-context.ts';
import { readConfiguration } from './configuration/configuration.ts';
import { InProcessServer } from './in-process-server.ts';
import { explainError } from './operator-error.ts';
import { exitOnBrokenPipe } from './shutdown.ts';
import { COLLECT_METRICS, DRAIN, type WorkerReport } from './worker-pool.ts';

/** The primary process, as a worker sees it. */
export interface Primary {
  /** The number that it gave this worker. */
  readonly workerId: number;
  report(report: WorkerReport): Promise<void>;
  /** Calls the listener when the primary asks this worker to drain. */
  onDrain(listener: () => void): void;
  /** Calls the listener when the primary is gone. Without a listener, that ends the worker at once. */
  onGone(listener: () => void): void;
  /** Calls the listener when the primary asks for the metrics of this worker. */
  onCollectMetrics(listener: () => void): void;
}

/** Serves until it is asked to drain. Resolves with the exit code and never rejects. */
export async function runWorker(
  { env, stdout, signals }: Pick<CliContext, 'env' | 'stdout' | 'signals'>,
  primary: Primary,
): Promise<number> {
  let drain = () => {};
  const draining = new Promise<void>((resolve) => {
    drain = resolve;
  });
  primary.onDrain(drain);
  // A terminal signals every process of its group, and so do some supervisors. The primary handles a second signal.
  for (const signal of ['SIGTERM', 'SIGINT']) signals.on(signal, drain);
  try {
    const { databaseUrl, ...configuration } = readConfiguration(env);
    if (databaseUrl === undefined) throw new Error('a worker needs the database that its primary opened');
    const log = createLogger(configuration.logLevel, stdout, { pretty: stdout.isTTY === true });
    const server = new InProcessServer({ ...configuration, databaseUrl }, log.child({ worker: primary.workerId }));
    try {
      const listening = await server.start();
      primary.onGone(drain);
      primary.onCollectMetrics(async () => primary.report({ metrics: await server.metricsSnapshot() }));
      await primary.report({ listening });
      await draining;
    } finally {
      await server.close();
      log.flush();
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
  exitOnBrokenPipe({ stdout: process.stdout, signals: process, exit: process.exit });
  // biome-ignore lint/style/noProcessEnv: the only place in a worker that reads it
  const context = { env: process.env, stdout: process.stdout, signals: process };
  process.exitCode = await runWorker(context, primaryOf(worker));
  worker.exitedAfterDisconnect = true;
  if (process.connected) process.disconnect();
}

function primaryOf(worker: Worker): Primary {
  return {
    workerId: worker.id,
    // The callback reports an error if the primary is gone. Then nobody needs the report.
    report: (report) => new Promise((resolve) => worker.send(report, () => resolve())),
    onDrain: (listener) => void worker.on('message', (message: unknown) => message === DRAIN && listener()),
    onCollectMetrics: (listener) =>
      void worker.on('message', (message: unknown) => message === COLLECT_METRICS && listener()),
    onGone: (listener) =>
      void worker.on('disconnect', () => {
        worker.exitedAfterDisconnect = true; // otherwise Node.js ends this process at once, requests included
        listener();
      }),
  };
}
