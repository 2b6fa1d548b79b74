import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, lchownSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedPostgresUnavailable } from './embedded-postgres-unavailable.ts';

const NOBODY = 65534;
/**
 * Our own environment stays with us: it holds secrets, and variables like PGDATA or LC_ALL that PostgreSQL would obey.
 */
const ENVIRONMENT =
  process.platform === 'win32' ? undefined : { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * A way to run PostgreSQL's programs, which refuse to run as root. For root, the first of these that works:
 * - as the owner of the folder, when that is not root;
 * - in a user namespace where we are nobody: it needs no user and works below a folder that only root may enter (the
 *   kernel still sees root, without its privileges, so the files stay root's). Containers mostly forbid it;
 * - as nobody, to whom the folder is given.
 */
export class Unprivileged {
  private constructor(
    private readonly directory: string,
    private readonly way: Way,
    /** Of the programs, as '18.4'. */
    readonly version: string,
  ) {}

  /**
   * `lifeline`: where possible, what is spawned gets SIGINT when we die (strictly: when the thread does that spawned
   * it).
   */
  static async find(postgres: string, directory: string, lifeline: boolean): Promise<Unprivileged> {
    let failure: unknown;
    for (const way of waysFor(directory, lifeline)) {
      try {
        const { stdout } = await new Unprivileged(directory, way, '').run(postgres, ['--version']);
        return new Unprivileged(directory, way, /(\d[\w.]*)/.exec(stdout)?.[1] ?? '');
      } catch (error) {
        failure = error;
      }
    }
    const remedy = process.getuid?.() === 0 ? 'run Taskwell as an ordinary user, or set' : 'set';
    const what = `cannot run ${postgres} (${reasonOf(failure)})`;
    throw new EmbeddedPostgresUnavailable(`${what}: ${remedy} DATABASE_URL to use another server`);
  }

  /** Rejects when the program fails, with what it wrote in `stderr`. */
  run(program: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const [file = program, ...rest] = [...this.way.prefix, program, ...args];
    return promisify(execFile)(file, rest, this.options());
  }

  /** In a process group of its own: Ctrl-C in a terminal must reach us, not the database under us. */
  spawn(program: string, args: readonly string[], log: number, variables: Record<string, string> = {}): ChildProcess {
    const [file = program, ...rest] = [...this.way.prefix, program, ...args];
    const { env, ...options } = this.options();
    const environment = env && { env: { ...env, ...variables } };
    return spawn(file, rest, { ...options, ...environment, detached: true, stdio: ['ignore', log, log] });
  }

  /**
   * Gives the folder to whom the programs run as. Each folder comes after what is in it, so that a crash is made up
   * for.
   */
  own(): void {
    const { owner } = this.way;
    if (owner === undefined) return;
    // other processes try the lock, and take away what they tried it with, at any time
    const entries = readdirSync(this.directory).filter((entry) => !entry.startsWith('lock'));
    for (const entry of entries) give(join(this.directory, entry), owner);
    chownSync(this.directory, owner.uid, owner.gid);
  }

  private options() {
    return { cwd: this.directory, windowsHide: true, ...(ENVIRONMENT && { env: ENVIRONMENT }), ...this.way.user };
  }
}

/**
 * Why it failed: the last line of its output that names an error (initdb goes on to say how it cleans up), else the
 * last.
 */
export function reasonOf(failure: unknown): string {
  const { stderr, message } = failure as { stderr?: string; message: string };
  const lines = (stderr?.trim() || message).split('\n');
  return lines.findLast((line) => /error|FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? message;
}

function waysFor(directory: string, lifeline: boolean): Way[] {
  const ways = process.getuid?.() === 0 ? waysForRoot(directory) : [{ prefix: [] }];
  if (!lifeline || process.platform !== 'linux') return ways;
  // innermost, because a change of user cuts the lifeline
  return ways.flatMap((way) => [{ ...way, prefix: [...way.prefix, 'setpriv', '--pdeathsig', 'INT'] }, way]);
}

function waysForRoot(directory: string): Way[] {
  const as = (user: User): Way => ({ prefix: [], user, owner: user });
  const { uid, gid } = statSync(directory);
  const unshare = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`];
  const any = [{ prefix: unshare, owner: { uid: 0, gid: 0 } }, as({ uid: NOBODY, gid: NOBODY })];
  return uid === 0 ? any : [as({ uid, gid }), ...any];
}

function give(path: string, owner: User): void {
  const stats = lstatSync(path);
  if (stats.uid === owner.uid) return;
  const entries = stats.isDirectory() ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort().reverse() : [];
  for (const entry of entries) lchownSync(join(path, entry), owner.uid, owner.gid);
  lchownSync(path, owner.uid, owner.gid);
}

interface Way {
  readonly prefix: readonly string[];
  /** Absent: as we are. */
  readonly user?: User;
  /** To whom the files must belong. Absent: to whom they do. */
  readonly owner?: User;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}
