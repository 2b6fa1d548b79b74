import type { Logger } from 'pino';
import { createLogger } from '../../infrastructure/system/logger.ts';
import { acceptedTokens } from '../composition/accepted-tokens.ts';
import type { CliContext } from '../composition/cli-context.ts';
import { type Configuration, readConfiguration } from '../composition/configuration/configuration.ts';
import type { Settings } from '../composition/container.ts';
import { openDatabase } from '../composition/open-database.ts';
import type { Serving } from '../composition/serving.ts';
import { sharedSecret } from '../composition/shared-secret.ts';
import { stopAsked } from '../composition/stop-asked.ts';
import { CONTRACT_NAMES } from '../http/contracts/contracts.ts';

/** Runs the server until it is asked to stop; gives the exit code. */
export async function serve({ env, stdout, signals, exit }: CliContext): Promise<number> {
  let ready = false;
  const opened: { kill(): void }[] = [];
  const stop = stopAsked(signals, (asked) => {
    if (ready && asked === 1) return;
    for (const { kill } of opened) kill();
    exit(ready ? 1 : 0);
  });

  const configuration = readConfiguration(env, CONTRACT_NAMES);
  const log = createLogger(configuration.logLevel, stdout, { pretty: stdout.isTTY === true });
  signals.once('exit', () => log.flush()); // what was logged last tells why
  const secret = await sharedSecret(configuration);
  const opening = openDatabase(configuration);
  const loading = loaded(configuration); // takes as long as a database to start, and goes on beside it
  const database = await opening;
  opened.push({ kill: () => database.kill() });
  try {
    const { PostgresMigrations, servingOf } = await loading;
    await new PostgresMigrations(database.url).up();
    const settings = { ...configuration, secret: secret?.value, databaseUrl: database.url };
    const serving = servingOf(settings, log);
    opened.push({ kill: () => serving.kill() });
    try {
      const url = await serving.start();
      ready = true;
      const { environment, contract, workers } = configuration;
      log.info({ tokens: acceptedTokens(settings) }, 'accepting tokens');
      warnOfLimits(configuration, log);
      const several = workers > 1 ? { workers } : {};
      log.info({ url, environment, contract, database: database.about, ...several }, 'ready');
      log.flush();
      if (environment === 'dev' && secret) {
        const { welcome } = await import('./welcome.ts');
        stdout.write(welcome(url, configuration, database.about, secret));
      }
      log.info({ signal: await stop }, 'stopping');
    } finally {
      await serving.close();
    }
  } finally {
    await database.stop();
  }
  log.info('stopped');
  log.flush();
  return 0;
}

async function loaded({ workers }: Configuration) {
  const migrations = import('../../infrastructure/postgres/migrations/postgres-migrations.ts');
  return { ...(await migrations), servingOf: await (workers === 1 ? inThisProcess() : inWorkers()) };
}

async function inThisProcess(): Promise<(settings: Settings, log: Logger) => Serving> {
  const { Server } = await import('../composition/server.ts');
  return (settings, log) => new Server(settings, log);
}

async function inWorkers(): Promise<(settings: Settings, log: Logger) => Serving> {
  const [{ Workers }, { forkWorker }] = await Promise.all([
    import('../composition/workers.ts'),
    import('../composition/fork-worker.ts'),
  ]);
  return (settings, log) => new Workers(settings.workers, () => forkWorker(settings), log);
}

function warnOfLimits({ workers, rateLimits }: Configuration, log: Logger): void {
  if (workers === 1 || rateLimits?.store !== 'memory') return;
  const consequence = `a user may send up to ${workers} times RATE_LIMIT`;
  log.warn(
    `each worker counts rate limits for itself, so that ${consequence}: set RATE_LIMIT_STORE to postgres or a Redis`,
  );
}
