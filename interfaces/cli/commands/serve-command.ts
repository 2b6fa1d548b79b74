import { createLogger } from '../../../infrastructure/system/logger.ts';
import type { CliContext } from '../../composition/cli-context.ts';
import { type Configuration, readConfiguration } from '../../composition/configuration/configuration.ts';
import { exitCodeAfter, waitForShutdown } from '../../composition/shutdown.ts';
import { TaskwellServer } from '../../composition/taskwell-server.ts';

/**
 * Runs the server until a signal stops it. Resolves with the exit code.
 *
 * @param ineffective settings that were written down and have no effect, each as a sentence
 */
export async function serve(context: CliContext, ineffective: readonly string[] = []): Promise<number> {
  const { stdout, signals, exit, clock } = context;
  const configuration = readWithWarnings(context, ineffective);
  const log = createLogger(configuration.logLevel, stdout, { pretty: stdout.isTTY === true });
  signals.once('exit', () => log.flush()); // the last lines explain why the process ended
  for (const reason of ineffective) log.warn({ reason }, 'a setting may not be what you expect');
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

/** If the configuration is not usable, there is no log, but a warning may name the reason. */
function readWithWarnings({ env, stderr }: CliContext, warnings: readonly string[]): Configuration {
  try {
    return readConfiguration(env);
  } catch (error) {
    for (const warning of warnings) stderr.write(`Warning: ${warning}\n`);
    throw error;
  }
}
