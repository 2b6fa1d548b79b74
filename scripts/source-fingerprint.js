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

/** A hash of the names and contents of all sources. A copy of the project has the same one. */
export function sourceFingerprint() {
  const hash = createHash('sha256');
  for (const source of SOURCES.filter((path) => existsSync(join(ROOT, path)))) {
    for (const file of filesOf(source)) hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

/** Whether `dist` is complete and built from the sources as they are. */
export function isBuilt() {
  const isComplete = ['dist/cli/main.js', 'dist/cli/worker.js', 'dist/assets'].every((path) =>
    existsSync(join(ROOT, path)),
  );
  return isComplete && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sourceFingerprint();
}

function filesOf(source) {
  if (!statSync(join(ROOT, source)).isDirectory()) return [source];
  const entries = readdirSync(join(ROOT, source), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}
