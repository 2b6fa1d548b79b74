import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a process and its children have used. */
export interface Usage {
  /** Seconds of a processor, since they began. */
  readonly cpu: number;
  /** Bytes of memory, now. */
  readonly rss: number;
}

/** Of the clock that the kernel counts processor time with, in a second; fixed on Linux. */
const TICKS = 100;

/** What a process and its descendants have used so far; zeros once they are gone. */
export function processUsage(pid: number): Usage {
  const usages = process.platform === 'linux' ? tree(pid).map(fromProc) : fromPs(pid);
  return {
    cpu: usages.reduce((sum, { cpu }) => sum + cpu, 0),
    rss: usages.reduce((sum, { rss }) => sum + rss, 0),
  };
}

function tree(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const children = threads.flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' '),
    );
    return [pid, ...children.filter((child) => child !== '').flatMap((child) => tree(Number(child)))];
  } catch {
    return [];
  }
}

function fromProc(pid: number): Usage {
  try {
    // the name, in parentheses, may hold anything; utime and stime are the 14th and 15th field of all
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [, kilobytes = '0'] = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS, rss: Number(kilobytes) * 1024 };
  } catch {
    return { cpu: 0, rss: 0 };
  }
}

function fromPs(root: number): Usage[] {
  const rows = execFileSync('ps', ['-Ao', 'pid=,ppid=,time=,rss='], { encoding: 'utf8' }).trim().split('\n');
  const processes = rows.map((row) => {
    const [pid, parent, time = '', rss] = row.trim().split(/\s+/);
    const cpu = time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0);
    return { pid: Number(pid), parent: Number(parent), cpu, rss: Number(rss) * 1024 };
  });
  const mine = new Set([root]);
  for (let known = 0; known !== mine.size; ) {
    known = mine.size;
    for (const { pid, parent } of processes) if (mine.has(parent)) mine.add(pid);
  }
  return processes.filter(({ pid }) => mine.has(pid));
}
