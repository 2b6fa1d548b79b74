import cluster from 'node:cluster';
import { extname, join } from 'node:path';
import type { Settings } from './container.ts';
import { DRAIN, type Report } from './primary.ts';
import { reason } from './reason.ts';

/** A worker, as its primary knows it. */
export interface ForkedWorker {
  readonly id: number;
  readonly pid: number | undefined;
  /** Resolves with where it answers, once it does. */
  readonly listening: Promise<string>;
  readonly ended: Promise<Ended>;
  /** Asks it to finish what is under way and to end. */
  drain(): void;
  kill(): void;
}

/** How a worker ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  /** What it said of it, for the operator. */
  readonly fault?: string;
}

/**
 * Starts a worker. It reads the configuration that its primary read, from the environment: a command line, which would
 * show secrets to others, has nothing of it.
 */
export function forkWorker({ databaseUrl, secret }: Settings): ForkedWorker {
  cluster.setupPrimary({ exec: join(import.meta.dirname, `worker-main${extname(import.meta.filename)}`), args: [] });
  const worker = cluster.fork({
    DATABASE_URL: databaseUrl,
    ...(secret !== undefined && { BETTER_AUTH_SECRET: secret }),
  });
  const reports: Report = {};
  const listening = new Promise<string>((resolve) => {
    worker.on('message', (report: Report) => {
      Object.assign(reports, report);
      if (report.listening !== undefined) resolve(report.listening);
    });
  });
  const ended = new Promise<Ended>((resolve) => {
    worker.once('exit', (code: number | null, signal: string | null) =>
      resolve({ code, signal, ...(reports.fault !== undefined && { fault: reports.fault }) }),
    );
    worker.on('error', (error: Error) => {
      if (worker.process.pid === undefined)
        resolve({ code: null, signal: null, fault: `No process for a worker (${reason(error)})` });
    });
  });
  return {
    id: worker.id,
    pid: worker.process.pid,
    listening,
    ended,
    drain: () => void worker.send(DRAIN, () => {}), // one that is gone hears nothing, and need not
    kill: () => void worker.process.kill('SIGKILL'),
  };
}
