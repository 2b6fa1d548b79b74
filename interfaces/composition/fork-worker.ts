import cluster from 'node:cluster';
import { extname, join } from 'node:path';
import { describeCause } from '../../infrastructure/error-code.ts';
import type { MetricsSnapshot } from '../../infrastructure/metrics/merged-metrics.ts';
import type { ResolvedConfiguration } from './configuration/configuration.ts';

/** What the pool and its workers read of the configuration. */
export type PoolConfiguration = Pick<
  ResolvedConfiguration,
  'workers' | 'databaseUrl' | 'secret' | 'drainDelay' | 'signIn'
>;

/** The message with which the primary process asks a worker to finish its requests and exit. */
export const DRAIN = 'drain';

/** The message with which the primary process asks a worker for its metrics. */
export const COLLECT_METRICS = 'collect metrics';

/** The message with which a worker reports its URL, the reason why it cannot start, or its metrics. */
export interface WorkerReport {
  readonly listening?: string;
  readonly fault?: string;
  readonly metrics?: MetricsSnapshot;
}

/** A worker, as the primary process sees it. */
export interface Worker {
  readonly id: number;
  readonly pid: number | undefined;
  /** Resolves with the worker's URL once it listens. */
  readonly listening: Promise<string>;
  readonly exited: Promise<WorkerExit>;
  /** Asks the worker to finish its requests and exit. */
  drain(): void;
  kill(): void;
  /** Asks the worker for its metrics. Stays pending while the worker does not answer. */
  collectMetrics(): Promise<MetricsSnapshot>;
}

export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The reason that the worker reported, for the operator. */
  readonly fault?: string;
}

/**
 * Starts a worker process. It receives the configuration in its environment, because other users of the machine can read
 * command lines.
 */
export function forkWorker({ databaseUrl, secret, signIn }: PoolConfiguration): Worker {
  cluster.setupPrimary({ exec: join(import.meta.dirname, `worker${extname(import.meta.filename)}`), args: [] });
  const worker = cluster.fork({
    DATABASE_URL: databaseUrl,
    // The secret alone would switch its default off.
    SIGN_IN: signIn ? 'on' : 'off',
    ...(secret !== undefined && { BETTER_AUTH_SECRET: secret }),
  });
  let fault: Pick<WorkerExit, 'fault'> = {};
  let collecting: Promise<MetricsSnapshot> | undefined;
  let receiveMetrics = (_: MetricsSnapshot) => {};
  const listening = new Promise<string>((resolve) => {
    worker.on('message', (report: WorkerReport) => {
      if (report.fault !== undefined) fault = { fault: report.fault };
      if (report.listening !== undefined) resolve(report.listening);
      if (report.metrics !== undefined) receiveMetrics(report.metrics);
    });
  });
  const exited = new Promise<WorkerExit>((resolve) => {
    worker.once('exit', (code: number | null, signal: string | null) => resolve({ code, signal, ...fault }));
    worker.on('error', (error: Error) => {
      if (worker.process.pid !== undefined) return;
      resolve({ code: null, signal: null, fault: `Cannot start a worker process (${describeCause(error)})` });
    });
  });
  return {
    id: worker.id,
    pid: worker.process.pid,
    listening,
    exited,
    drain: () => void worker.send(DRAIN, () => {}), // an error means that the worker has exited already
    kill: () => void worker.process.kill('SIGKILL'),
    collectMetrics: () => {
      collecting ??= new Promise<MetricsSnapshot>((resolve) => {
        receiveMetrics = resolve;
        worker.send(COLLECT_METRICS, () => {});
      }).finally(() => {
        collecting = undefined;
      });
      return collecting;
    },
  };
}
