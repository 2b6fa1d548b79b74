import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { it as base, describe, expect } from 'vitest';
import { ROOT } from '../support/build.ts';

const exec = promisify(execFile);

/** The tests of somebody who writes adapters: sound ones, and one that breaks a promise of each port. */
const ADAPTERS = `
import { InMemoryRateLimits } from 'taskwell/infrastructure/rate-limits/in-memory-rate-limits';
import { InMemoryTaskRepository } from 'taskwell/infrastructure/in-memory/in-memory-task-repository';
import type { TaskRepository } from 'taskwell/application/ports/task-repository';
import { SystemClock } from 'taskwell/infrastructure/system/system-clock';
import { itIsARateLimitStore } from 'taskwell/testing/rate-limit-store';
import { itIsATaskRepository } from 'taskwell/testing/task-repository';

const sound = () => new InMemoryTaskRepository(new SystemClock());

/** Says of each task that it was there to be removed. */
function removingAnything(tasks: TaskRepository): TaskRepository {
  return {
    ownedBy(owner) {
      const owned = tasks.ownedBy(owner);
      return {
        find: (task) => owned.find(task),
        list: (query) => owned.list(query),
        page: (query, limit, after) => owned.page(query, limit, after),
        state: () => owned.state(),
        changes: (after, limit) => owned.changes(after, limit),
        statistics: () => owned.statistics(),
        removeAll: () => owned.removeAll(),
        write: async (write) => {
          const written = await owned.write(write);
          return write.kind === 'remove' ? { ...written, outcome: 'done' } : written;
        },
      };
    },
  };
}

itIsATaskRepository('Sound', async () => sound());
itIsATaskRepository('RemovingAnything', async () => removingAnything(sound()));

itIsARateLimitStore('Sound', async () => new InMemoryRateLimits(new SystemClock()));
itIsARateLimitStore('Generous', async () => {
  const store = new InMemoryRateLimits(new SystemClock());
  return {
    limiter: (name, { limit, window }) => store.limiter(name, { limit: limit + 1, window }),
    close: () => store.close(),
  };
});
`;

/** Taskwell as npm packs it, in a project that has the packages of this one. */
const it = base
  .extend('prefix', { scope: 'file' }, join(tmpdir(), 'taskwell-testing-'))
  .extend('project', { scope: 'file' }, async ({ prefix }, { onCleanup }) => {
    const project = await mkdtemp(prefix);
    onCleanup(() => rm(project, { recursive: true }));
    return project;
  })
  .extend('taskwell', { scope: 'file' }, async ({ project }) => {
    const packages = join(project, 'node_modules');
    await mkdir(packages);
    for (const name of await readdir(join(ROOT, 'node_modules'))) {
      await symlink(join(ROOT, 'node_modules', name), join(packages, name));
    }
    await exec('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { cwd: ROOT });
    const tarball = (await readdir(project)).find((name) => name.endsWith('.tgz'))!;
    await mkdir(join(packages, 'taskwell'));
    await exec('tar', ['-xzf', join(project, tarball), '-C', join(packages, 'taskwell'), '--strip-components=1']);
    await writeFile(join(project, 'package.json'), '{"private":true,"type":"module"}');
    await writeFile(join(project, 'adapters.test.ts'), ADAPTERS);
    return join(packages, 'taskwell');
  })
  .extend('results', { scope: 'file' }, async ({ project, taskwell }) => {
    const vitest = join(taskwell, '../vitest/vitest.mjs');
    const report = join(project, 'report.json');
    // It ends with an error, as tests are to fail.
    await exec(process.execPath, [vitest, 'run', '--reporter=json', `--outputFile=${report}`], { cwd: project }).catch(
      () => {},
    );
    const { testResults } = JSON.parse(await readFile(report, 'utf8'));
    const tests: { fullName: string; status: string }[] = testResults[0].assertionResults;
    return (adapter: string, status: string) =>
      tests
        .filter((test) => test.fullName.startsWith(adapter) && test.status === status)
        .map(({ fullName }) => fullName.slice(adapter.length + 1));
  });

describe('the suites that the package exports for authors of adapters', () => {
  it('pass for correct adapters', async ({ results }) => {
    expect(results('Sound as a TaskRepository', 'failed')).toEqual([]);
    expect(results('Sound as a TaskRepository', 'passed').length).toBeGreaterThan(15);
    expect(results('Sound as a RateLimitStore', 'failed')).toEqual([]);
    expect(results('Sound as a RateLimitStore', 'passed').length).toBeGreaterThan(4);
  });

  it('fail for incorrect adapters in the tests of what is incorrect', async ({ results }) => {
    const failed = results('RemovingAnything as a TaskRepository', 'failed');
    expect(failed).toContain('returns whether there was a task to remove');
    expect(failed).not.toContain('changes only the fields that a change names');
    expect(results('Generous as a RateLimitStore', 'failed')).toContain(
      'allows requests up to the limit, and returns how many are left',
    );
  });

  it('have types that fit the ports', async ({ project, taskwell }) => {
    const options = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--skipLibCheck', '--types', 'node'];
    const tsc = join(taskwell, '../typescript/bin/tsc');
    await exec(process.execPath, [tsc, ...options, '--noEmit', 'adapters.test.ts'], { cwd: project });
  });

  it('are packed without other tests', async ({ taskwell }) => {
    expect(await readdir(join(taskwell, 'dist/tests'))).toEqual(['conformance']);
    const files = await readdir(join(taskwell, 'dist/tests/conformance'));
    expect(files.filter((name) => name.includes('.test.'))).toEqual([]);
  });
});
