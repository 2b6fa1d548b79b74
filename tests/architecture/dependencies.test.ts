import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const RINGS = ['domain', 'application', 'infrastructure', 'interfaces'];

/** What each part may import of ours; `interfaces/composition` is the composition root, which the commands of `interfaces/cli` run. First match counts. */
const MAY_IMPORT: readonly (readonly [part: string, parts: readonly string[], packages: boolean])[] = [
  ['domain/', ['domain/'], false],
  ['application/', ['application/', 'domain/'], false],
  ['infrastructure/', ['infrastructure/', 'application/', 'domain/'], true],
  ['interfaces/http/', ['interfaces/http/', 'application/', 'domain/'], true],
  ['interfaces/web/', ['interfaces/web/'], true],
  [
    'interfaces/composition/',
    ['interfaces/composition/', 'interfaces/http/', 'infrastructure/', 'application/', 'domain/'],
    true,
  ],
  ['interfaces/cli/', ['interfaces/', 'infrastructure/', 'application/', 'domain/'], true],
];

/** Every import that a file must not have. */
function violations(file: string, source: string): string[] {
  const rule = MAY_IMPORT.find(([part]) => file.startsWith(part));
  if (rule === undefined) return [`${file} lies in no part of the hexagon`];
  const [, parts, packages] = rule;
  return imported(source).flatMap((name) => {
    if (!name.startsWith('.')) return packages ? [] : [`${file} imports the package ${name}`];
    const target = normalize(join(dirname(file), name));
    return parts.some((part) => target.startsWith(part)) ? [] : [`${file} imports ${target}`];
  });
}

function imported(source: string): string[] {
  return [...source.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*'([^']+)'/g)].map(([, name]) => name!);
}

/** Every file of ours that a file imports, however far away. */
function reachable(file: string, seen = new Set<string>()): string[] {
  if (!seen.has(file)) {
    seen.add(file);
    for (const name of imported(read(file))) if (name.startsWith('.')) reachable(join(dirname(file), name), seen);
  }
  return [...seen];
}

function sources(): string[] {
  return RINGS.flatMap((ring) =>
    readdirSync(join(ROOT, ring), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
  );
}

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

describe('the hexagon', () => {
  it('has no import that points outward', () => {
    expect(sources().length).toBeGreaterThan(40);
    expect(sources().flatMap((file) => violations(file, read(file)))).toEqual([]);
  });

  it.each([
    ['domain/task.ts', "import { v7 } from 'uuid';"],
    ['domain/task.ts', "import type { Clock } from '../application/ports/clock.ts';"],
    ['application/get-task.ts', "import pg from 'pg';"],
    ['application/get-task.ts', "import { createHash } from 'node:crypto';"],
    ['application/get-task.ts', "export { x } from '../infrastructure/system/logger.ts';"],
    ['infrastructure/system/logger.ts', "const { createApp } = await import('../../interfaces/http/server/app.ts');"],
    ['interfaces/http/server/app.ts', "import '../../../infrastructure/system/logger.ts';"],
    ['interfaces/http/server/app.ts', "import { run } from '../../cli/command-line.ts';"],
    ['interfaces/web/main.tsx', "import { Title } from '../../domain/title.ts';"],
    ['interfaces/composition/container.ts', "import { run } from '../cli/command-line.ts';"],
    ['elsewhere/x.ts', ''],
  ])('detects in %s: %s', (file, source) => {
    expect(violations(file, source)).toHaveLength(1);
  });

  it('is wired in one place', () => {
    const wired = sources().filter((file) => /from 'inversify'/.test(read(file)));
    expect(wired.every((file) => file.startsWith('interfaces/composition/'))).toBe(true);
    expect(wired).toContain('interfaces/composition/container.ts');
  });

  it('has SQL about tasks in modules that are checked as a whole, and SQL across users in another', () => {
    const speaking = sources().filter((file) =>
      /\b(from|into|update|join)\s+(tasks|task_counters|task_deletions|idempotency_keys)\b/i.test(read(file)),
    );
    const aggregate = read('infrastructure/postgres/tasks/statements.ts');
    for (const file of speaking.filter(
      (file) => file !== 'infrastructure/postgres/migrations/user-link-statements.ts',
    )) {
      expect(file).toMatch(/^infrastructure\/postgres\/tasks\/[\w-]+-statements\.ts$/);
      expect(aggregate).toContain(`'./${file.split('/').at(-1)}'`);
    }
    expect(speaking.length).toBeGreaterThan(2);
  });

  it('has no query across users in the code that answers requests', () => {
    const answering = reachable('interfaces/composition/container.ts');
    expect(answering).toContain('infrastructure/postgres/tasks/task-statements.ts');
    expect(answering).toContain('interfaces/http/contracts/contract-router.ts');
    expect(answering.filter((file) => /user-link|user-table/.test(file))).toEqual([]);
    expect(reachable('interfaces/cli/commands/link-users-command.ts')).toContain(
      'infrastructure/postgres/migrations/user-link-statements.ts',
    );
  });
});
