import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorCode } from '../error-code.ts';

/**
 * Creates a folder and its parents if they do not exist; only their owner may use the new ones. `mkdir` of Node.js with
 * `recursive` never returns where the file system refuses new folders with ENOENT, as below /proc.
 *
 * @throws an error of Node.js with a code
 */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' && !existsSync(dirname(folder))) {
      makeFolder(dirname(folder));
      mkdirSync(folder, { mode: 0o700 });
    } else if (code !== 'EEXIST') throw error;
  }
}
