import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { aUser } from '../conformance/builders.ts';
import { itWithApp } from '../support/app-fixtures.ts';
import { ROOT } from '../support/build.ts';
import { FRONTENDS } from '../support/frontends.ts';
import { InMemoryAccounts } from '../support/in-memory-accounts.ts';
import { tokenFor } from '../support/running-app.ts';

const exec = promisify(execFile);

/** The app has accounts. `project` is a folder with the OpenAPI document of each contract. */
const it = itWithApp({ accounts: new InMemoryAccounts() }).extend(
  'project',
  { scope: 'file' },
  async ({ app }, { onCleanup }) => {
    const project = await mkdtemp(join(tmpdir(), 'taskwell-clients-'));
    onCleanup(() => rm(project, { recursive: true, force: true }));
    for (const { name } of FRONTENDS) {
      const { text } = await app.send('GET', `/contracts/${name}/openapi.json`);
      await writeFile(join(project, `${name}.json`), text);
    }
    return project;
  },
);

describe('the OpenAPI documents', () => {
  it("pass Redocly's recommended rules without an error or a warning", async ({ project }) => {
    for (const { name } of FRONTENDS) {
      const redocly = join(ROOT, 'node_modules/.bin/redocly');
      const { stdout } = await exec(redocly, ['lint', '--extends=recommended', '--format=json', `${name}.json`], {
        cwd: project,
      });
      expect(JSON.parse(stdout)).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] });
    }
  });

  it('generate typed clients, which type-check and work', async ({ app, project }) => {
    await writeFile(join(project, 'package.json'), '{"private":true,"type":"module"}');
    // openapi-typescript prints with TypeScript's own compiler interface, which TypeScript 7 does not have.
    const packages = ['openapi-typescript@7.13.0', 'openapi-fetch@0.17.0', 'typescript@5.9.3', '@types/node@20'];
    await exec('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], { cwd: project });
    for (const { name } of FRONTENDS) {
      await exec('node_modules/.bin/openapi-typescript', [`${name}.json`, '-o', `${name}.ts`], { cwd: project });
    }
    // The types of the page for tasks. `npx vitest run --project database openapi-clients -u` writes them anew.
    const types = await readFile(join(project, '003-backend-api.ts'), 'utf8');
    await expect(types).toMatchFileSnapshot(join(ROOT, 'interfaces/web/api/003-backend-api.ts'));
    await writeFile(join(project, 'client.ts'), CLIENT);
    const options = ['--module', 'nodenext', '--target', 'es2022', '--strict', '--skipLibCheck', '--types', 'node'];
    await exec('node_modules/.bin/tsc', [...options, '--noEmit', 'false', 'client.ts'], { cwd: project });

    const user = aUser('ann'); // a second attempt must not find the tasks of the first
    const { stdout } = await exec(process.execPath, ['client.js', app.url, tokenFor(user), user], { cwd: project });
    expect(JSON.parse(stdout)).toEqual(['one', 'two', 'three', 'four', 'five', 'six']);
  }, 300_000);
});

/** A frontend of each generation, that makes a task and completes it where it can. */
const CLIENT = `
import createClient from 'openapi-fetch';
import type { paths as Fastapi } from './007-fastapi-backend.js';
import type { paths as Backend3 } from './003-backend-api.js';
import type { paths as Todo } from './002-todo-backend-auth.js';
import type { paths as Integration } from './1-backend-integration.js';
import type { paths as Backend2 } from './002-backend-api.js';
import type { paths as WebApp } from './001-todo-web-app.js';

const [url, token, user = ''] = process.argv.slice(2);
const options = (name: string) => ({ baseUrl: url + '/contracts/' + name, headers: { Authorization: 'Bearer ' + token } });
const titles: (string | undefined)[] = [];
const params = { path: { user_id: user } };

const one = await createClient<Fastapi>(options('007-fastapi-backend')).POST('/api/{user_id}/tasks', { params, body: { title: 'one' } });
titles.push(one.data?.title);
const id: number | undefined = one.data?.id;
const listed = await createClient<Fastapi>(options('007-fastapi-backend')).GET('/api/{user_id}/tasks', { params: { ...params, query: { status: 'pending' } } });
if (listed.data?.count !== 1 || listed.data.tasks[0]?.id !== id) throw new Error('not listed');

const two = await createClient<Backend3>(options('003-backend-api')).POST('/api/{user_id}/tasks', { params, body: { title: 'two' } });
const uuid: string = two.data?.id ?? '';
const patched = await createClient<Backend3>(options('003-backend-api')).PATCH('/api/{user_id}/tasks/{id}', { params: { path: { user_id: user, id: uuid } }, body: { completed: true } });
titles.push(patched.data?.completed ? patched.data.title : undefined);

const three = await createClient<Todo>(options('002-todo-backend-auth')).POST('/api/{user_id}/tasks', { params, body: { title: 'three' } });
titles.push(three.data?.userId === user ? three.data.title : undefined);

const four = await createClient<Integration>(options('1-backend-integration')).POST('/api/tasks', { body: { title: 'four' } });
titles.push(four.data?.title);

const five = await createClient<Backend2>(options('002-backend-api')).POST('/api/tasks', { body: { title: 'five' } });
titles.push(five.data?.data.is_completed === false ? five.data.data.title : undefined);

const six = await createClient<WebApp>(options('001-todo-web-app')).POST('/tasks', { body: { title: 'six' } });
titles.push(six.data?.data.task.is_completed === false ? six.data.data.task.title : undefined);
const stats = await createClient<Integration>(options('1-backend-integration')).GET('/api/tasks/stats');
if (stats.data?.totalTasks !== 6 || stats.data.recentActivity[0]?.title !== 'six') throw new Error('not counted');

const refused = await createClient<Backend2>(options('002-backend-api')).POST('/api/tasks', { body: { title: '' } });
if (refused.error?.error.code !== 'VALIDATION_ERROR' || refused.error.error.details.max_length !== 500) throw new Error('not refused');

const ann = { email: user + '@example.com', password: 'correct horse battery staple' };
const signedUp = await createClient<Backend3>(options('003-backend-api')).POST('/auth/register', { body: ann });
const signedIn = await createClient<WebApp>(options('001-todo-web-app')).POST('/auth/signin', { body: ann });
if (signedIn.data?.data.user.id !== signedUp.data?.user.id) throw new Error('not signed in');
const failed = await createClient<Integration>(options('1-backend-integration')).POST('/api/auth/register', { body: ann });
if (failed.data?.success !== false) throw new Error('not reported: ' + failed.data?.token);
const taken = await createClient<Todo>(options('002-todo-backend-auth')).POST('/api/auth/signup', { body: ann });
if (taken.error?.error_code !== 'conflict') throw new Error('not taken');

// @ts-expect-error: a password is required
void (() => createClient<Backend3>(options('x')).POST('/auth/login', { body: { email: 'ann@example.com' } }));
// @ts-expect-error: a title is required
void (() => createClient<Integration>(options('x')).POST('/api/tasks', { body: {} }));
// @ts-expect-error: there is no such path
void (() => createClient<Integration>(options('x')).GET('/api/{user_id}/tasks', { params }));

console.log(JSON.stringify(titles));
`;
