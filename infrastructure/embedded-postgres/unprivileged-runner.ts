import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, lchownSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedPostgresUnavailable } from './embedded-postgres-unavailable.ts';
import { attachLifeline } from './lifeline.ts';

const NOBODY_ID = 65534;
/** Runs a program in a user namespace, in which the current user is nobody. */
const UNSHARE = ['unshare', '--user', `--map-user=${NOBODY_ID}`, `--map-group=${NOBODY_ID}`];
/** Makes the kernel of Linux send SIGINT to the program when the thread ends that spawned it. */
const LIFELINE = ['setpriv', '--pdeathsig', 'INT'] as const;
/** Taskwell's own environment contains secrets, and may contain variables that PostgreSQL reads, such as PGDATA. */
const ENVIRONMENT =
  process.platform === 'win32' ? undefined : { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Runs PostgreSQL's programs, which refuse to run as root. For root, it uses the first strategy that works:
 * - as the owner of the folder, if that is not root;
 * - in a user namespace that maps root to nobody. It needs no other user and works below a folder that only root may
 *   enter: for the kernel the process is still root, without its privileges, and root stays the owner of the files. Most
 *   containers forbid user namespaces;
 * - as nobody, who becomes the owner of the folder.
 */
export class UnprivilegedRunner {
  private constructor(
    private readonly directory: string,
    private readonly strategy: PrivilegeStrategy,
    /** The version of the programs, such as '18.4'. */
    readonly version: string,
  ) {}

  /**
   * Spawned programs get SIGINT when this process ends in any way, also by SIGKILL. On Linux, the kernel sends it, when the
   * thread ends that spawned the program.
   *
   * @throws EmbeddedPostgresUnavailable if no strategy works
   */
  static async find(postgres: string, directory: string): Promise<UnprivilegedRunner> {
    let failure: unknown;
    for (const strategy of privilegeStrategies(directory)) {
      try {
        const { stdout } = await new UnprivilegedRunner(directory, strategy, '').run(postgres, ['--version']);
        return new UnprivilegedRunner(directory, strategy, /(\d[\w.]*)/.exec(stdout)?.[1] ?? '');
      } catch (error) {
        failure = error;
      }
    }
    const remedy = process.getuid?.() === 0 ? 'run Taskwell as an ordinary user, or set' : 'set';
    const what = `cannot run ${postgres} (${describeFailure(failure)})`;
    throw new EmbeddedPostgresUnavailable(`${what}: ${remedy} DATABASE_URL to use another server`);
  }

  /** Runs a program until it ends. Rejects if it fails; the error contains its output in `stderr`. */
  run(program: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const [file = program, ...rest] = [...this.strategy.prefix, program, ...args];
    return promisify(execFile)(file, rest, this.options());
  }

  /** Starts a program in its own process group, so that Ctrl-C in a terminal does not reach the database. */
  spawn(program: string, args: readonly string[], log: number, variables: Record<string, string> = {}): ChildProcess {
    const [file = program, ...rest] = [...this.strategy.prefix, program, ...args];
    const { env, ...options } = this.options();
    const environment = env && { env: { ...env, ...variables } };
    const child = spawn(file, rest, { ...options, ...environment, detached: true, stdio: ['ignore', log, log] });
    if (!this.strategy.prefix.includes(LIFELINE[0])) attachLifeline(child);
    return child;
  }

  /** Makes the user that runs the programs the owner of the folder. Folders come last, so that a retry completes them. */
  takeOwnership(): void {
    const { owner } = this.strategy;
    if (owner === undefined) return;
    // Other processes that try to take the lock may create and remove their files at any time.
    const entries = readdirSync(this.directory).filter((entry) => !entry.startsWith('lock'));
    for (const entry of entries) changeOwner(join(this.directory, entry), owner);
    chownSync(this.directory, owner.uid, owner.gid);
  }

  private options() {
    return { cwd: this.directory, windowsHide: true, ...(ENVIRONMENT && { env: ENVIRONMENT }), ...this.strategy.user };
  }
}

/** The reason why a program failed: the last line of its output that names an error, or else the last line. */
export function describeFailure(failure: unknown): string {
  const { message } = failure instanceof Error ? failure : new Error(String(failure));
  const output = failure instanceof Error && 'stderr' in failure ? String(failure.stderr).trim() : '';
  const lines = (output || message).split('\n');
  return lines.findLast((line) => /error|FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? message;
}

function privilegeStrategies(directory: string): PrivilegeStrategy[] {
  const strategies = process.getuid?.() === 0 ? strategiesForRoot(directory) : strategiesForUser();
  if (process.platform !== 'linux') return strategies;
  // It comes last, because a change of user resets the signal.
  return strategies.flatMap((strategy) => [{ ...strategy, prefix: [...strategy.prefix, ...LIFELINE] }, strategy]);
}

/** initdb needs the name of its user. A user without one, as containers often have, becomes nobody in a namespace. */
function strategiesForUser(): PrivilegeStrategy[] {
  return hasName() ? [{ prefix: [] }] : [{ prefix: UNSHARE }, { prefix: [] }];
}

function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

function strategiesForRoot(directory: string): PrivilegeStrategy[] {
  const runAs = (user: User): PrivilegeStrategy => ({ prefix: [], user, owner: user });
  const { uid, gid } = statSync(directory);
  const strategies = [{ prefix: UNSHARE, owner: { uid: 0, gid: 0 } }, runAs({ uid: NOBODY_ID, gid: NOBODY_ID })];
  return uid === 0 ? strategies : [runAs({ uid, gid }), ...strategies];
}

function changeOwner(path: string, owner: User): void {
  const stats = lstatSync(path);
  if (stats.uid === owner.uid) return;
  const entries = stats.isDirectory() ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort().reverse() : [];
  for (const entry of entries) lchownSync(join(path, entry), owner.uid, owner.gid);
  lchownSync(path, owner.uid, owner.gid);
}

interface PrivilegeStrategy {
  /** The command that wraps the program. */
  readonly prefix: readonly string[];
  /** The user that runs the program; `undefined`: the current user. */
  readonly user?: User;
  /** The required owner of the files; `undefined`: the current owner. */
  readonly owner?: User;
}

interface User {
  readonly uid: number;
  readonly gid: number;
}
