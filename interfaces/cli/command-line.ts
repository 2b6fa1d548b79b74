import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { LIFETIME_MAX_SECONDS } from '../../infrastructure/auth/token-rules.ts';
import type { CliContext } from '../composition/cli-context.ts';
import type { LoadedSettings } from '../composition/configuration/load-settings.ts';
import { explainError } from '../composition/operator-error.ts';
import { exitOnClosedOutput } from '../composition/shutdown.ts';
import { VERSION } from '../http/server/package-version.ts';
import type { LinkUsersOptions } from './commands/link-users-command.ts';
import type { MigrateOptions } from './commands/migrate-command.ts';
import type { SeedOptions } from './commands/seed-command.ts';
import type { TokenOptions } from './commands/token-command.ts';

/** Runs the command that the arguments name. Resolves with the exit code and never rejects. */
export async function run(args: readonly string[], context: CliContext): Promise<number> {
  exitOnClosedOutput(context);
  const program = new Command('taskwell')
    .description('REST task backend for frontends whose users sign in with Better Auth.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .showHelpAfterError('(run taskwell --help for a list of commands and options)')
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    })
    .addHelpText(
      'after',
      '\nSettings are read from environment variables and from the file .env in the current folder; see .env.example.',
    );
  let settings: LoadedSettings = { file: undefined, fromFile: new Set(), warnings: [] };
  program.hook('preAction', async (_, command) => {
    const { loadSettings } = await import('../composition/configuration/load-settings.ts');
    settings = loadSettings(context.env, context.envFile);
    if (['serve', 'check'].includes(command.name())) return; // they say it in their own output
    for (const warning of settings.warnings) context.stderr.write(`Warning: ${warning}\n`);
  });
  let exitCode = 0;
  // Each command loads its modules only when it runs, so that the others start fast.
  program
    .command('serve')
    .description('run the server (default); uses the embedded database unless DATABASE_URL is set')
    .option('--port <n>', 'the port to listen on, in place of PORT')
    .action(async ({ port }: { port?: string }) => {
      if (port !== undefined) context.env.PORT = port;
      const { serve } = await import('./commands/serve-command.ts');
      exitCode = await serve(context, settings.warnings);
    });
  program
    .command('migrate')
    .description('apply pending migrations to the database')
    .option('--down <n>', 'revert the last n migrations instead, and delete their data', parseCount)
    .option(
      '--allow-rewrite',
      'allow migrations that rewrite tables with rows; nobody can use a table during its rewrite',
    )
    .addOption(new Option('--status', 'only list the migrations and their status').conflicts('down'))
    .addOption(
      new Option(
        '--roles [name]',
        'only print the SQL that creates a role for the server, which row-level security binds',
      ).conflicts(['down', 'status']),
    )
    .action((options: MigrateOptions) =>
      import('./commands/migrate-command.ts').then(({ migrate }) => migrate(context, options)),
    );
  program
    .command('token')
    .description('create a token for testing; not available in production')
    .option('--user <id>', 'the user that the token signs in')
    .addOption(
      new Option('--expires <time>', 'lifetime of the token, such as 90s, 15m, 12h or 7d; at most 30d')
        .argParser(parseLifetime)
        .default(parseLifetime('7d'), '7d'),
    )
    .action(({ user, expires }: Partial<TokenOptions> & Pick<TokenOptions, 'expires'>, command: Command) => {
      // With a required option, Commander would report a misspelt `--user` as missing.
      if (user === undefined) command.error("error: option '--user <id>' is missing");
      const options = { user, expires };
      return import('./commands/token-command.ts').then(({ mintToken }) => mintToken(context, options));
    });
  program
    .command('seed')
    .description('create demo tasks for a user; not available in production')
    .option('--user <id>', 'the id of the user, or the e-mail address of an account that signed up at /app')
    .option('--tasks <n>', `how many tasks, at most ${SEED_TASKS_MAX}`, parseSeedCount, 25)
    .action(({ user, tasks }: Partial<SeedOptions> & Pick<SeedOptions, 'tasks'>, command: Command) => {
      if (user === undefined) command.error("error: option '--user <id>' is missing");
      return import('./commands/seed-command.ts').then(({ seed }) => seed(context, { user, tasks }));
    });
  program
    .command('check')
    .description('print the configuration with secrets masked, and test the address, the database and Redis')
    .action(() => import('./commands/check-command.ts').then(({ check }) => check(context, settings)));
  program
    .command('link-users')
    .description('delete tasks together with their user; needs the tables of Better Auth in the same database')
    .option('--table <name>', 'table that holds the users, with its schema if necessary', '"user"')
    .option('--delete-orphans', 'delete tasks of users who are not in that table, instead of refusing')
    .option('--dry-run', 'only print what would be done')
    .action((options: LinkUsersOptions) =>
      import('./commands/link-users-command.ts').then(({ linkUsers }) => linkUsers(context, options)),
    );
  program
    .command('unlink-users')
    .description('revert link-users; keeps all tasks')
    .action(() => import('./commands/unlink-users-command.ts').then(({ unlinkUsers }) => unlinkUsers(context)));
  program
    .command('distribute')
    .description('distribute the tables over the nodes of Citus by user; can be repeated')
    .action(() => import('./commands/distribute-command.ts').then(({ distribute }) => distribute(context)));
  program
    .command('erase-user')
    .description('delete everything that belongs to a user, without confirmation; new tasks start at number 1')
    .argument('<id>', 'id of the user, as in the claim sub of the tokens')
    .action((id: string) => import('./commands/erase-user-command.ts').then(({ eraseUser }) => eraseUser(context, id)));

  try {
    await program.parseAsync(withDefaultCommand(args), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    const { text, exitCode: code } = explainError(error);
    context.stderr.write(`${text}\n`);
    return code;
  }
}

/** Adds `serve` if no command is named. Commander's default command would take a misspelt command as its argument. */
function withDefaultCommand(args: readonly string[]): readonly string[] {
  const [first = ''] = args;
  const isGlobalOption = ['-h', '--help', '-V', '--version'].includes(first);
  return first === '' || (first.startsWith('-') && !isGlobalOption) ? ['serve', ...args] : args;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a positive whole number.');
  return Number(text);
}

const SEED_TASKS_MAX = 10_000;

function parseSeedCount(text: string): number {
  const count = parseCount(text);
  if (count > SEED_TASKS_MAX) throw new InvalidArgumentError(`It must be at most ${SEED_TASKS_MAX}.`);
  return count;
}

const SECONDS_PER_UNIT: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of a duration such as `15m`. */
function parseLifetime(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS_PER_UNIT[unit] ?? Number.NaN);
  if (!(seconds <= LIFETIME_MAX_SECONDS)) {
    throw new InvalidArgumentError('It must be a duration such as 90s, 15m, 12h or 7d, and at most 30d.');
  }
  return seconds;
}
