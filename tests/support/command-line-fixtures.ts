import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { run as runCommandLine } from '../../interfaces/cli/command-line.ts';
import { itWithDatabasePerTest } from './database-fixtures.ts';
import { folderForTest } from './folder-for-test.ts';
import { SECRET } from './running-app.ts';
import { TickingClock } from './ticking-clock.ts';

/**
 * `it` with the fixtures of `itWithDatabasePerTest`, and with these:
 *
 * - `dataDir`: an empty folder for the data of the command
 * - `envFile`: a path for a file with settings
 * - `start` starts the command line within this process
 * - `run` runs it to its end
 */
export const itWithCommandLine = itWithDatabasePerTest()
  .extend('dataDir', folderForTest)
  .extend('envFile', ({ dataDir }) => join(dataDir, '.env'))
  .extend('start', ({ database, dataDir, envFile }) => (args: string[], env: Record<string, string> = {}) => {
    const [stdout, stderr, signals] = [new PassThrough(), new PassThrough(), new EventEmitter()];
    const text = { out: '', err: '' };
    stdout.on('data', (chunk) => {
      text.out += chunk;
    });
    stderr.on('data', (chunk) => {
      text.err += chunk;
    });
    const exits: number[] = [];
    const settings = { ...database.settings, BETTER_AUTH_SECRET: SECRET, PORT: '0', DATA_DIR: dataDir, ...env };
    const clock = new TickingClock();
    const exit = (code: number) => exits.push(code);
    const exitCode = runCommandLine(args, { env: settings, envFile, stdout, stderr, signals, clock, exit });
    const said = async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const match = pattern.exec(text.out);
        if (match !== null) return match;
        await Promise.race([
          once(stdout, 'data'),
          exitCode.then((code) => Promise.reject(new Error(`ended with ${code}: ${text.err}`))),
        ]);
      }
    };
    return { text, exitCode, stdout, signals, clock, exits, said };
  })
  .extend('run', ({ start }) => async (args: string[], env: Record<string, string> = {}) => {
    const { text, exitCode } = start(args, env);
    return { code: await exitCode, ...text };
  });
