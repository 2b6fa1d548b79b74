import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { LIFETIME_MAX } from '../../infrastructure/auth/token-rules.ts';
import type { CliContext } from '../composition/cli-context.ts';
import { endWithReader } from '../composition/end-with-reader.ts';
import { explained } from '../composition/faults.ts';
import { VERSION } from '../http/server/package-version.ts';
import type { LinkUsersOptions } from './link-users.ts';
import type { MigrateOptions } from './migrate.ts';
import type { TokenOptions } from './token.ts';

/** The command line: runs what the arguments say and gives the exit code. Never throws. */
export async function run(args: readonly string[], context: CliContext): Promise<number> {
  endWithReader(context);
  let exitCode = 0;
  const running = async (command: Promise<number>) => {
    exitCode = await command;
  };

  const program = new Command('taskwell')
    .description('The REST task backend for frontends whose users sign in with Better Auth.')
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(taskwell --help shows what there is)')
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    })
    .addHelpText(
      'after',
      '\nSettings come from environment variables, or from a file .env in the current folder; see .env.example.',
    );
  program
    .command('serve')
    .description(
      'run the server (what happens without a command), on the embedded database unless DATABASE_URL names another',
    )
    .action(() => running(import('./serve.ts').then(({ serve }) => serve(context))));
  program
    .command('migrate')
    .description('bring the schema of the database up to date')
    .option('--down <n>', 'take the last n migrations back instead, with the data in them', positive)
    .addOption(new Option('--status', 'only tell which migrations are applied').conflicts('down'))
    .action((options: MigrateOptions) =>
      running(import('./migrate.ts').then(({ migrate }) => migrate(context, options))),
    );
  program
    .command('token')
    .description('mint a token to try the server with; not in production')
    .option('--user <id>', 'whose tasks the token opens')
    .addOption(
      new Option('--expires <time>', 'how long it holds: 90s, 15m, 12h or 7d, at most 30d')
        .argParser(seconds)
        .default(seconds('7d'), '7d'),
    )
    .action(({ user, expires }: Partial<TokenOptions> & Pick<TokenOptions, 'expires'>, command: Command) => {
      // Not a required option: Commander would miss it before it sees that it is only misspelt.
      if (user === undefined) command.error("error: option '--user <id>' is missing");
      return running(import('./token.ts').then(({ token }) => token(context, { user, expires })));
    });
  program
    .command('check')
    .description('print the configuration in force, secrets masked, and try the database')
    .action(() => running(import('./check.ts').then(({ check }) => check(context))));
  program
    .command('link-users')
    .description("have a user's tasks go when Better Auth deletes the user, where its tables lie in the same database")
    .option('--table <name>', 'the table that holds the users, with its schema if need be', '"user"')
    .option('--delete-orphans', 'delete what belongs to users who are not in that table, instead of refusing')
    .option('--dry-run', 'only tell what would be done')
    .action((options: LinkUsersOptions) =>
      running(import('./link-users.ts').then(({ linkUsers }) => linkUsers(context, options))),
    );
  program
    .command('unlink-users')
    .description('take back what link-users did; no task is touched')
    .action(() => running(import('./unlink-users.ts').then(({ unlinkUsers }) => unlinkUsers(context))));
  program
    .command('erase-user')
    .description('delete all that belongs to one user, without asking, and print what that was')
    .argument('<id>', "the user's id, the sub of the tokens; tasks made with it later are numbered from 1 again")
    .action((id: string) => running(import('./erase-user.ts').then(({ eraseUser }) => eraseUser(context, id))));

  try {
    await program.parseAsync(withCommand(args), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    const { text, exitCode } = explained(error);
    context.stderr.write(`${text}\n`);
    return exitCode;
  }
}

/** `serve` where no command is named. Commander's own default command would take a misspelt one for its argument. */
function withCommand(args: readonly string[]): readonly string[] {
  const [first = ''] = args;
  const aboutTaskwell = ['-h', '--help', '-V', '--version'].includes(first);
  return first === '' || (first.startsWith('-') && !aboutTaskwell) ? ['serve', ...args] : args;
}

function positive(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It has to be a positive whole number.');
  return Number(text);
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function seconds(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? [];
  const lifetime = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (!(lifetime <= LIFETIME_MAX))
    throw new InvalidArgumentError('It has to be such as 90s, 15m, 12h or 7d, and at most 30d.');
  return lifetime;
}
