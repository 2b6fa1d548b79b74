import type { Container } from 'inversify';
import { UserId } from '../../domain/user-id.ts';
import { developmentToken } from '../../infrastructure/auth/development-token.ts';
import { type Configuration, readConfiguration } from '../../infrastructure/configuration.ts';
import { createLogger } from '../../infrastructure/logging.ts';
import { PostgresMigrations } from '../../infrastructure/postgres/postgres-migrations.ts';
import { CONTRACT_NAMES, CONTRACTS } from '../http/contracts/contracts.ts';
import { HttpServer } from '../http/http-server.ts';
import { VERSION } from '../http/version.ts';
import { createContainer, Ports } from './container.ts';
import { listenFault } from './faults.ts';
import { openDatabase } from './open-database.ts';
import { type SharedSecret, sharedSecret } from './shared-secret.ts';
import type { Surroundings } from './surroundings.ts';
import { acceptedTokens } from './token-verifier.ts';

/** Milliseconds that requests under way have to finish once a stop is asked for. */
const GRACE = 10_000;
/** Seconds for which the token in the first request holds: a day. */
const DEMO_LIFETIME = 24 * 60 * 60;

/** Runs the server until it is asked to stop; gives the exit code. */
export async function serve({ env, stdout, signals, exit }: Surroundings): Promise<number> {
  let ready = false;
  let killDatabase = () => {};
  const stop = stopAsked(signals, (asked) => {
    if (ready && asked === 1) return;
    killDatabase();
    exit(ready ? 1 : 0);
  });

  const configuration = readConfiguration(env, CONTRACT_NAMES);
  const log = createLogger(configuration.logLevel, stdout, { pretty: stdout.isTTY === true });
  signals.once('exit', () => log.flush()); // what was logged last tells why
  const secret = await sharedSecret(configuration);
  const database = await openDatabase(configuration);
  killDatabase = database.kill;
  try {
    await new PostgresMigrations(database.url).up();
    const settings = { ...configuration, secret: secret?.value, databaseUrl: database.url };
    const container = createContainer(settings, log);
    try {
      const server = await listen(container, configuration);
      ready = true;
      const { environment, contract } = configuration;
      log.info({ tokens: acceptedTokens(settings) }, 'accepting tokens');
      log.info({ url: server.url, environment, contract, database: database.about }, 'ready');
      log.flush();
      if (environment === 'dev' && secret) stdout.write(welcome(server.url, configuration, database.about, secret));
      log.info({ signal: await stop }, 'stopping');
      await server.close(GRACE);
    } finally {
      await container.unbindAllAsync();
    }
  } finally {
    await database.stop();
  }
  log.info('stopped');
  log.flush();
  return 0;
}

/** Milliseconds within which two SIGINTs are one Ctrl-C: the terminal sends it to us and to npm, and npm passes it on. */
const SAME_CTRL_C = 100;

/**
 * Resolves at the first signal.
 *
 * @param onSignal told of each signal, by its number: there may be nothing yet to stop in good order, and the second
 *   one is of somebody who will not wait
 */
function stopAsked(signals: Surroundings['signals'], onSignal: (asked: number) => void): Promise<string> {
  return new Promise((resolve) => {
    let asked = 0;
    const ask = (signal: string) => {
      asked += 1;
      onSignal(asked);
      resolve(signal);
    };
    let interrupted = Number.NEGATIVE_INFINITY;
    signals.on('SIGTERM', () => ask('SIGTERM'));
    signals.on('SIGINT', () => {
      const again = performance.now() - interrupted < SAME_CTRL_C;
      interrupted = performance.now();
      if (!again) ask('SIGINT');
    });
  });
}

async function listen(container: Container, { host, port }: Configuration): Promise<HttpServer> {
  try {
    return await HttpServer.listen(container.get(Ports.App), { host, port });
  } catch (error) {
    throw listenFault(error, { host, port });
  }
}

/** For whoever has just started it: where everything is, and a first request that works as it stands. */
function welcome(url: string, { contract, tokenRules }: Configuration, database: string, secret: SharedSecret): string {
  const demo = UserId('demo');
  const path = CONTRACTS.find(({ name }) => name === contract)?.path.replace(':user_id', demo);
  const token = developmentToken(secret.value, tokenRules, demo, DEMO_LIFETIME);
  return `
Taskwell ${VERSION} is ready at ${url}

  contract  ${contract}; the others are listed at ${url}/
  try it    ${url}/docs
  database  ${database}
  secret    ${secret.about}

The tasks of a demo user, with a token that holds for a day:

  curl -H 'Authorization: Bearer ${token}' ${url}${path}

`;
}
