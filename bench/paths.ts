import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The project's folder, seen from `bench/dist`. */
export const ROOT = join(import.meta.dirname, '../..');
/** The folder of the bench's sources. */
export const BENCH = join(ROOT, 'bench');

/** A program's path; `undefined` where it is not installed. */
export function programPath(name: string, further: readonly string[] = []): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...further];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** Where Debian keeps the programs of PostgreSQL, the newest first. */
export function postgresFolders(): readonly string[] {
  const parent = '/usr/lib/postgresql';
  try {
    const versions = readdirSync(parent).sort((one, other) => Number(other) - Number(one));
    return versions.map((version) => join(parent, version, 'bin'));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
