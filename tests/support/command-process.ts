import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from './build.ts';

/** The command as it is built. */
export const MAIN = join(ROOT, 'dist/cli/main.js');

export interface CommandProcess {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** All that it has written so far. */
  readonly text: { out: string; err: string };
  /** Its exit code, once it has ended and its output is complete. `null` if a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Waits until its output holds something. It is an error if the process ends before. */
  waitFor<Found>(find: (out: string) => Found | undefined): Promise<Found>;
}

export interface CommandOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  /** Whether it heads a process group of its own. */
  readonly detached?: boolean;
}

/** Starts a command, by default `taskwell`, in a process of its own with these environment variables, PATH and HOME alone. */
export function startProcess(options: CommandOptions): CommandProcess {
  const { folder, env, command = process.execPath, args = [MAIN], detached = false } = options;
  const { PATH = '', HOME = '' } = process.env;
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawn(command, args, { cwd: folder, env: { PATH, HOME, ...env }, detached, stdio: [...stdio] });
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    text.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text.err += chunk;
  });
  const ended = once(child, 'close').then(([code]): number | null => code);
  const waitFor = async <Found>(find: (out: string) => Found | undefined): Promise<Found> => {
    for (;;) {
      const found = find(text.out);
      if (found !== undefined) return found;
      await Promise.race([
        once(child.stdout, 'data'),
        ended.then(() => Promise.reject(new Error(`it ended: ${text.out}${text.err}`))),
      ]);
    }
  };
  return { child, text, ended, waitFor };
}

/** Resolves once a condition holds. @param what the condition in words, for the error after 30 seconds */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    if (await holds()) return;
    await pause(5);
  }
  throw new Error(`not within ${timeoutMs / 1_000} s: ${what}`);
}
