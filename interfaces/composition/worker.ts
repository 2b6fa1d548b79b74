import { createLogger } from '../../infrastructure/system/logger.ts';
import { CONTRACT_NAMES } from '../http/contracts/contracts.ts';
import type { CliContext } from './cli-context.ts';
import { readConfiguration } from './configuration/configuration.ts';
import { explained } from './faults.ts';
import type { Primary } from './primary.ts';
import { Server } from './server.ts';

/** Serves until it is told to drain; gives the exit code. Never throws. */
export async function work(
  { env, stdout, signals }: Pick<CliContext, 'env' | 'stdout' | 'signals'>,
  primary: Primary,
): Promise<number> {
  let drain = () => {};
  const drained = new Promise<void>((resolve) => {
    drain = resolve;
  });
  primary.onDrain(drain);
  // Ctrl-C reaches all processes of a terminal, some supervisors signal all of a group: the second one is the primary's.
  for (const signal of ['SIGTERM', 'SIGINT']) signals.on(signal, drain);
  try {
    const { databaseUrl, ...configuration } = readConfiguration(env, CONTRACT_NAMES);
    if (databaseUrl === undefined) throw new Error('a worker needs the database that its primary opened');
    const log = createLogger(configuration.logLevel, stdout, { pretty: stdout.isTTY === true });
    const server = new Server({ ...configuration, databaseUrl }, log.child({ worker: primary.worker }));
    try {
      const listening = await server.start();
      primary.onGone(drain);
      await primary.tell({ listening });
      await drained;
    } finally {
      await server.close();
      log.flush();
    }
    return 0;
  } catch (error) {
    const { text, exitCode } = explained(error);
    await primary.tell({ fault: text });
    return exitCode;
  }
}
