import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { EmbeddedPostgresUnavailable } from './embedded-postgres-unavailable.ts';
import { type RunningProcess, runningProcess } from './running-process.ts';
import { reasonOf, type Unprivileged } from './unprivileged.ts';

/** The files of a PostgreSQL: the cluster in `<directory>/postgres`, and beside it the password of its superuser. */
export class Cluster {
  readonly path: string;
  /** Of the server. It holds the text of failed statements, and so is nobody else's business (0600). */
  readonly log: string;
  private readonly passwordFile: string;

  constructor(readonly directory: string) {
    this.path = join(directory, 'postgres');
    this.log = join(directory, 'postgres.log');
    this.passwordFile = join(directory, 'password');
  }

  /**
   * Made in a temporary folder and then renamed, so that a crash leaves none or a whole one. The caller holds the
   * lock.
   */
  async ensure(initdb: string, unprivileged: Unprivileged, durable: boolean): Promise<void> {
    for (const name of readdirSync(this.directory).filter((entry) => entry.startsWith('initdb-'))) {
      rmSync(join(this.directory, name), { recursive: true, maxRetries: 10 }); // its initdb may not be dead yet
    }
    if (existsSync(this.path)) {
      this.requireVersion(unprivileged.version);
      this.password();
      return;
    }
    const workshop = mkdtempSync(join(this.directory, 'initdb-'));
    const password = join(workshop, 'password');
    const made = join(workshop, 'postgres');
    try {
      writeFileSync(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
      unprivileged.own();
      const args = ['-D', made, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${password}`, '--no-instructions'];
      await unprivileged.run(initdb, [...args, ...LOCALE, ...(durable ? [] : ['--no-sync'])]);
      renameSync(password, this.passwordFile);
      renameSync(made, this.path);
      if (durable) sync(this.directory);
    } catch (cause) {
      const message = `cannot make a database in ${this.directory} (initdb: ${reasonOf(cause)})`;
      throw new EmbeddedPostgresUnavailable(`${message}: see to that, or set DATABASE_URL or DATA_DIR`, { cause });
    } finally {
      rmSync(workshop, { recursive: true, force: true });
    }
  }

  password(): string {
    try {
      return readFileSync(this.passwordFile, 'utf8');
    } catch (cause) {
      const what = `cannot read the password of the database in ${this.path} (${reasonOf(cause)})`;
      throw new EmbeddedPostgresUnavailable(`${what}: bring ${this.passwordFile} back, or set DATA_DIR`, { cause });
    }
  }

  /** What a server wrote when it started, and leaves behind when it is killed: whoever has that process id by now. */
  pidFile(): PidFile | undefined {
    let lines: string[];
    try {
      lines = readFileSync(join(this.path, 'postmaster.pid'), 'utf8').split('\n');
    } catch {
      return undefined;
    }
    const pid = Math.abs(Number(lines[0]));
    return pid > 0 ? { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' } : undefined;
  }

  /**
   * The server that runs on these files. It works in their folder; any other program with its process id is a
   * coincidence.
   */
  postmaster(): RunningProcess | undefined {
    const found = runningProcess(this.pidFile()?.pid ?? 0);
    if (found === undefined || !/^(postgres.*)?$/.test(found.program)) return undefined;
    if (process.platform !== 'linux') return found;
    try {
      return readlinkSync(`/proc/${found.pid}/cwd`) === realpathSync(this.path) ? found : undefined;
    } catch {
      return found; // not ours to look at
    }
  }

  private requireVersion(version: string): void {
    let found: string;
    try {
      found = readFileSync(join(this.path, 'PG_VERSION'), 'utf8').trim();
    } catch (cause) {
      const what = `${this.path} is not a PostgreSQL cluster (${reasonOf(cause)})`;
      throw new EmbeddedPostgresUnavailable(`${what}: move it away, or set DATA_DIR to another folder`, { cause });
    }
    if (found === version.split('.')[0]) return;
    const what = `the data in ${this.path} is of PostgreSQL ${found}, the embedded one is ${version}`;
    const remedy = `run a Taskwell with PostgreSQL ${found} on it, move the data over with pg_dump, or set DATA_DIR`;
    throw new EmbeddedPostgresUnavailable(`${what}, which cannot read it: ${remedy} to another folder`);
  }
}

export interface PidFile {
  readonly pid: number;
  readonly port: number;
  /** Neither starting nor stopping. */
  readonly ready: boolean;
}

/** PostgreSQL's own Unicode: it sorts and folds alike on every platform, whatever locales are installed. */
const LOCALE = ['-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

/** Only then does the renaming outlast a loss of power. */
function sync(directory: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(directory, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
