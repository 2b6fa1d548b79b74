import { realpathSync } from 'node:fs';
import { Cluster } from './cluster.ts';
import type { ServerStatus } from './server-probe.ts';

/**
 * The embedded server that another Taskwell runs on a data folder. `undefined` if there is none, or if it does not accept
 * connections, for example because it is shutting down.
 */
export async function findRunningServer(
  directory: string,
): Promise<(ServerStatus & { readonly directory: string }) | undefined> {
  try {
    const cluster = new Cluster(realpathSync(directory));
    const file = cluster.pidFile();
    if (file?.ready !== true || cluster.postmaster()?.pid !== file.pid) return undefined;
    const { probeServer } = await import('./server-probe.ts');
    return { ...(await probeServer(cluster, file.port)), directory: cluster.path };
  } catch {
    return undefined; // a start then finds out why, and says so
  }
}
