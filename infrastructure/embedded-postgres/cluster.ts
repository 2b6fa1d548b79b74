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
import { describeFailure, type UnprivilegedRunner } from './unprivileged-runner.ts';

/** The files of a PostgreSQL server: the cluster in `<directory>/postgres`, and the password of its superuser. */
export class Cluster {
  readonly path: string;
  /** The server's log. Only its owner may read it (0600), because it contains failed statements. */
  readonly log: string;
  private readonly passwordFile: string;

  constructor(readonly directory: string) {
    this.path = join(directory, 'postgres');
    this.log = join(directory, 'postgres.log');
    this.passwordFile = join(directory, 'password');
  }

  /**
   * Creates the cluster if it does not exist: first in a temporary folder, which is then renamed. A crash leaves either
   * no cluster or a complete one. The caller must hold the lock of the folder.
   *
   * @throws EmbeddedPostgresUnavailable also if the existing cluster has another major version
   */
  async createIfMissing(initdb: string, runner: UnprivilegedRunner, durable: boolean): Promise<void> {
    for (const name of readdirSync(this.directory).filter((entry) => entry.startsWith('initdb-'))) {
      rmSync(join(this.directory, name), { recursive: true, maxRetries: 10 }); // its initdb may still be running
    }
    if (existsSync(this.path)) {
      this.requireVersion(runner.version);
      this.password();
      return;
    }
    const draft = mkdtempSync(join(this.directory, 'initdb-'));
    const password = join(draft, 'password');
    const path = join(draft, 'postgres');
    try {
      writeFileSync(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
      runner.takeOwnership();
      const args = ['-D', path, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${password}`, '--no-instructions'];
      await runner.run(initdb, [...args, ...LOCALE, ...(durable ? [] : ['--no-sync'])]);
      renameSync(password, this.passwordFile);
      renameSync(path, this.path);
      if (durable) syncDirectory(this.directory);
    } catch (cause) {
      const message = `cannot create a database in ${this.directory} (initdb: ${describeFailure(cause)})`;
      throw new EmbeddedPostgresUnavailable(`${message}: fix that, or set DATABASE_URL or DATA_DIR`, { cause });
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }

  password(): string {
    try {
      return readFileSync(this.passwordFile, 'utf8');
    } catch (cause) {
      const what = `cannot read the password of the database in ${this.path} (${describeFailure(cause)})`;
      throw new EmbeddedPostgresUnavailable(
        `${what}: restore ${this.passwordFile}, or set DATA_DIR to another folder`,
        { cause },
      );
    }
  }

  /** The file that a server writes when it starts. A killed server leaves it behind, and its process id may be reused. */
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

  /** The server that runs on the cluster. A program that reuses its process id has another working directory. */
  postmaster(): RunningProcess | undefined {
    const found = runningProcess(this.pidFile()?.pid ?? 0);
    if (found === undefined || !/^(postgres.*)?$/.test(found.program)) return undefined;
    if (process.platform !== 'linux') return found;
    try {
      return readlinkSync(`/proc/${found.pid}/cwd`) === realpathSync(this.path) ? found : undefined;
    } catch {
      return found; // access denied
    }
  }

  private requireVersion(version: string): void {
    let found: string;
    try {
      found = readFileSync(join(this.path, 'PG_VERSION'), 'utf8').trim();
    } catch (cause) {
      const what = `${this.path} is not a PostgreSQL cluster (${describeFailure(cause)})`;
      throw new EmbeddedPostgresUnavailable(`${what}: move it away, or set DATA_DIR to another folder`, { cause });
    }
    if (found === version.split('.')[0]) return;
    const what = `the data in ${this.path} is from PostgreSQL ${found}, the embedded server is ${version}`;
    const remedy = `use a Taskwell with PostgreSQL ${found}, move the data with pg_dump, or set DATA_DIR`;
    throw new EmbeddedPostgresUnavailable(`${what}, which cannot read it: ${remedy} to another folder`);
  }
}

export interface PidFile {
  readonly pid: number;
  readonly port: number;
  /** Whether the server accepts connections. */
  readonly ready: boolean;
}

/** PostgreSQL's built-in locale sorts and folds Unicode in the same way on every platform. */
const LOCALE = ['-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

/** Makes a rename in the directory survive a power failure. */
function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(directory, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
