import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, '.github/workflows');

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: Readonly<
    Record<
      string,
      { permissions?: unknown; strategy?: { matrix: { node: number[] } }; steps: { uses?: string; run?: string }[] }
    >
  >;
}

const workflows: readonly Workflow[] = readdirSync(FOLDER).map((file) =>
  parse(readFileSync(join(FOLDER, file), 'utf8')),
);
const jobs = workflows.flatMap((workflow) => Object.values(workflow.jobs));
const steps = jobs.flatMap((job) => job.steps);

describe('the workflows', () => {
  it('run the tests on every major version of Node.js that the package supports', () => {
    const job = jobs.find((candidate) => candidate.steps.some(({ run }) => run === '.ci/run'));
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const supported = [...engines.node.matchAll(/(\d+)\.\d+\.\d+/g)].map(([, major]) => Number(major));
    expect(job?.strategy?.matrix.node).toEqual(supported);
  });

  it('use actions of an exact commit', () => {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
  });

  it('may read the repository and nothing else', () => {
    for (const { permissions } of workflows) expect(permissions).toEqual({ contents: 'read' });
    expect(jobs.filter(({ permissions }) => permissions !== undefined)).toEqual([]);
  });
});

describe('Dependabot', () => {
  it('updates every npm package of the repository', () => {
    const options = ['ls-files', '--cached', '--others', '--exclude-standard', '*package-lock.json'];
    const locks = execFileSync('git', options, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
    const { updates } = parse(readFileSync(join(ROOT, '.github/dependabot.yml'), 'utf8'));
    const npm = updates.find((update: { 'package-ecosystem': string }) => update['package-ecosystem'] === 'npm');
    expect(npm.directories.toSorted()).toEqual(locks.map((lock) => join('/', dirname(lock))).toSorted());
  });
});
