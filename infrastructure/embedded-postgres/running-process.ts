import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { errorCode } from '../error-code.ts';

/** A process. Process ids are reused, so only the id and the start time together identify it. */
export interface RunningProcess {
  readonly pid: number;
  /** The start time, in the format of the platform. */
  readonly started: string;
  /** The name of the program; '' if the platform does not report it. */
  readonly program: string;
}

/** The process that has this id now; `undefined` if there is none, or only a zombie. */
export function runningProcess(pid: number): RunningProcess | undefined {
  if (process.platform === 'linux') return fromProc(pid);
  return process.platform === 'win32' ? fromSignal(pid) : fromPs(pid);
}

export function isRunning({ pid, started }: Pick<RunningProcess, 'pid' | 'started'>): boolean {
  return runningProcess(pid)?.started === started;
}

/** Sends a signal, unless the process has ended: its id may be reused. On Windows, `pg_ctl` emulates signals. */
export function terminate(target: RunningProcess, signal: 'INT' | 'QUIT' | 'KILL', pgCtl: string): void {
  if (!isRunning(target)) return;
  if (process.platform === 'win32') {
    spawnSync(pgCtl, ['kill', signal, String(target.pid)], { windowsHide: true });
    return;
  }
  try {
    process.kill(target.pid, `SIG${signal}`);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** Identifies the boot and the container, within which process ids are unique; '' if the platform does not report it. */
export function processIdSpace(): string {
  if (process.platform !== 'linux') return '';
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

/** Parses `pid (program) state …` of proc(5). The start time is field 22. The name may contain parentheses. */
function fromProc(pid: number): RunningProcess | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { pid, started: fields[19] ?? '', program: stat.slice(stat.indexOf('(') + 1, end) };
}

function fromPs(pid: number): RunningProcess | undefined {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=,comm=', '-p', String(pid)], { env, encoding: 'utf8' });
  const [, state, started, program] = /^(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\d{4})\s+(.*)$/m.exec(stdout ?? '') ?? [];
  if (state === undefined || started === undefined || program === undefined || state.startsWith('Z')) return undefined;
  return { pid, started, program: program.slice(program.lastIndexOf('/') + 1) };
}

function fromSignal(pid: number): RunningProcess | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return undefined;
  }
  return { pid, started: '', program: '' };
}
