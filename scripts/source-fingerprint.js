import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from './development-tool.js';

/** What a build reads. */
const SOURCES = [
  ...['domain', 'application', 'infrastructure', 'interfaces', 'tests/conformance', 'scripts'],
  ...['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'rolldown.config.js'],
];

/** Holds the fingerprint of the sources from which `dist` was built. */
export const STAMP = join(ROOT, 'dist/.fingerprint');

/** The paths of all sources, relative to the project. */
export function sourceFiles() {
  return SOURCES.flatMap(filesOf);
}

/** A hash of the names and contents of all sources. A copy of the project has the same one. */
export function sourceFingerprint() {
  const hash = createHash('sha256');
  for (const file of sourceFiles()) hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

/** Whether `dist` is complete and built from the sources as they are. */
export function isBuilt() {
  const isComplete = ['dist/cli/main.js', 'dist/cli/worker.js', 'dist/assets'].every((path) =>
    existsSync(join(ROOT, path)),
  );
  return isComplete && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sourceFingerprint();
}

/** Hidden files and the copies that editors make. */
const IGNORED = /^\.|~$/;

/** The paths of the files in a folder; of a file, its own path; of neither, none. */
export function filesOf(source) {
  const stat = statSync(join(ROOT, source), { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat === undefined ? [] : [source];
  const entries = readdirSync(join(ROOT, source), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !IGNORED.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}
