import { createLogger } from '../../../infrastructure/system/logger.ts';
import type { CliContext } from '../../composition/cli-context.ts';
import { readConfiguration } from '../../composition/configuration/configuration.ts';
import { exitCodeAfter, waitForShutdown } from '../../composition/shutdown.ts';
import { TaskwellServer } from '../../composition/taskwell-server.ts';

/** Runs the server until a signal stops it. Resolves with the exit code. */
export async function serve(context: CliContext): Promise<number> {
  const { env, stdout, signals, exit, clock } = context;
  const configuration = readConfiguration(env);
  const log = createLogger(configuration.logLevel, stdout, { pretty: stdout.isTTY === true });
  signals.once('exit', () => log.flush()); // the last lines explain why the process ended
  const server = new TaskwellServer(configuration, log, clock);
  let ready = false;
  const shutdown = waitForShutdown(context, (count, cause) => {
    if (ready && count === 1) return;
    server.kill();
    exit(ready ? 1 : exitCodeAfter(cause));
  });
  try {
    const started = await server.start();
    ready = true;
    if (configuration.environment === 'dev' && started.secret) {
      const { formatWelcome } = await import('../welcome-message.ts');
      stdout.write(formatWelcome(configuration, { ...started, secret: started.secret }));
    }
    log.info({ signal: await shutdown }, 'stopping');
  } finally {
    await server.stop();
  }
  log.info('stopped');
  log.flush();
  return exitCodeAfter(await shutdown);
}
