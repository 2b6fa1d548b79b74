import cluster from 'node:cluster';
import { endWithReader } from './end-with-reader.ts';
import { DRAIN, type Report } from './primary.ts';
import { work } from './worker.ts';

const { worker } = cluster;
if (worker === undefined) throw new Error('this file is for taskwell serve to run, with WORKERS=2 or more');

endWithReader({ stdout: process.stdout, signals: process, exit: process.exit });
process.exitCode = await work(
  {
    // biome-ignore lint/style/noProcessEnv: the one place of a worker that reads it
    env: process.env,
    stdout: process.stdout,
    signals: process,
  },
  {
    worker: worker.id,
    // A primary that is gone hears nothing, and need not.
    tell: (report: Report) => new Promise((resolve) => worker.send(report, () => resolve())),
    onDrain: (listener) => void worker.on('message', (message: unknown) => message === DRAIN && listener()),
    onGone: (listener) =>
      void worker.on('disconnect', () => {
        worker.exitedAfterDisconnect = true; // or Node ends us at once, and the requests under way with us
        listener();
      }),
  },
);
worker.exitedAfterDisconnect = true;
if (process.connected) process.disconnect();
