import { spawn } from 'node:child_process';
import type { Cleanup } from './cleanup.ts';

/** Runs a program to its end, and gives what it printed; ends it where we end before. */
export async function output(
  program: string,
  args: readonly string[],
  cleanup: Cleanup,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, LC_ALL: 'C', ...env },
  });
  const kill = () => child.kill('SIGKILL');
  cleanup.add(kill);
  let [out, err] = ['', ''];
  child.stdout.on('data', (part) => {
    out += part;
  });
  child.stderr.on('data', (part) => {
    err += part;
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  cleanup.forget(kill);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${err || out}`);
  return out;
}
