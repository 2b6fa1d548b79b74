import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { getMigrations } from 'better-auth/db/migration';
import { describe, expect, vi } from 'vitest';
import { readConfiguration } from '../../interfaces/composition/configuration/configuration.ts';
import { serveFrontend } from '../support/better-auth-server.ts';
import { ROOT } from '../support/build.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';
import { Page } from '../support/page.ts';
import { SECRET } from '../support/running-app.ts';
import { serving } from '../support/serving.ts';

const exec = promisify(execFile);
const BROWSER_SEES = 'https://app.example.com';

const readme = readFile(join(ROOT, 'README.md'), 'utf8');
const guide = readFile(join(ROOT, 'docs/frontends.md'), 'utf8');

/** The settings of the command lines in a page, in its order. */
async function commandLines(page: Promise<string>): Promise<Record<string, string>[]> {
  return [...(await page).matchAll(/```sh\n([^\n]*) npm start\n```/g)].map(([, line]) =>
    Object.fromEntries([...line!.matchAll(/(\w+)=(?:'([^']*)'|(\S+))/g)].map(([, name, a, b]) => [name, a ?? b])),
  );
}

interface Task {
  readonly id: number;
  readonly title: string;
}

interface TaskState {
  readonly task: Task;
  readonly etag: string;
}

interface SafeWrites {
  createTask: (tasks: string, title: string) => Promise<TaskState>;
  editTask: (
    tasks: string,
    state: TaskState,
    edit: { title: string },
    show: (task: Task) => void,
  ) => Promise<TaskState>;
}

const it = itWithDatabase()
  /** A project with the files of the recipes. */
  .extend('projectPrefix', { scope: 'file' }, join(tmpdir(), 'taskwell-recipes-'))
  .extend('project', { scope: 'file' }, async ({ projectPrefix }, { onCleanup }) => {
    const project = await mkdtemp(projectPrefix);
    onCleanup(() => rm(project, { recursive: true, force: true }));
    await symlink(join(ROOT, 'node_modules'), join(project, 'node_modules'));
    const pages = `${await readme}${await guide}`;
    for (const [, code = '', name = ''] of pages.matchAll(/```ts\n(\/\/ (\S+)\n.*?)```/gs)) {
      await mkdir(dirname(join(project, name)), { recursive: true });
      await writeFile(join(project, name), code);
    }
    return project;
  })
  /** The frontend of the recipes, running: its server, a browser's page in it, and its way to call Taskwell. */
  .extend('frontend', { scope: 'file' }, async ({ database, project }, { onCleanup }) => {
    vi.stubEnv('DATABASE_URL', database.ownerUrl);
    vi.stubEnv('BETTER_AUTH_SECRET', SECRET);
    vi.stubEnv('BETTER_AUTH_URL', BROWSER_SEES);
    const { auth } = await import(join(project, 'lib/auth.ts'));
    const authRoute = await import(join(project, 'app/api/auth/[...all]/route.ts'));
    const tokenRoute = await import(join(project, 'app/api/token/route.ts'));
    await (await getMigrations(auth.options)).runMigrations();
    const { url, close } = await serveFrontend(
      async () => (request) =>
        (new URL(request.url).pathname === '/api/token' ? tokenRoute : authRoute)[request.method](request),
    );
    onCleanup(async () => {
      vi.unstubAllGlobals();
      vi.unstubAllEnvs();
      await close();
      await auth.options.database.end();
    });
    const page = new Page(url, BROWSER_SEES);
    vi.stubGlobal('fetch', page.fetch);
    const client: {
      taskwell: (path: string, init?: RequestInit) => Promise<unknown>;
      listTasks: () => Promise<unknown>;
    } = await import(join(project, 'lib/taskwell.ts'));
    const safeWrites: SafeWrites = await import(join(project, 'lib/safe-writes.ts'));
    return { url, page, ...client, ...safeWrites };
  })
  /** Somebody who has signed up at the frontend. */
  .extend('account', { scope: 'file' }, async ({ frontend }) => {
    const credentials = { email: 'ann@example.com', password: 'correct horse battery staple' };
    const signedUp = await frontend.page.post('/api/auth/sign-up/email', { name: 'Ann', ...credentials });
    return ((await signedUp.json()) as { user: { id: string } }).user;
  })
  /** Starts the server of a command line, of which only the addresses are others. */
  .extend('start', ({ database, frontend, onTestFinished }) => async (line: number) => {
    const settings = (await commandLines(guide))[line]!;
    const jwksUrl = settings.BETTER_AUTH_URL === undefined ? {} : { JWKS_URL: `${frontend.url}/api/auth/jwks` };
    const secret = settings.BETTER_AUTH_SECRET === undefined ? {} : { BETTER_AUTH_SECRET: SECRET };
    const api = await serving({ ...settings, ...secret, ...jwksUrl, ...database.settings, HOST: '127.0.0.1' });
    onTestFinished(() => api.stop());
    vi.stubEnv('NEXT_PUBLIC_API_URL', api.url);
    return api;
  })
  /** A token as the route of the recipes signs it. */
  .extend('token', async ({ frontend, account: _signedIn }) => {
    const { token } = (await (await frontend.page.fetch('/api/token')).json()) as { token: string };
    return token;
  });

describe('a frontend built by the recipes of the documentation', () => {
  it('type-checks', async ({ project }) => {
    const options = ['--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2023,dom', '--types', 'node'];
    const libraries = ['auth', 'taskwell', 'retrying-fetch', 'safe-writes'].map((name) => `lib/${name}.ts`);
    const files = [...libraries, 'app/api/auth/[...all]/route.ts', 'app/api/token/route.ts'];
    const check = [...options, '--strict', '--skipLibCheck', '--noEmit', ...files];
    await exec(join(ROOT, 'node_modules/.bin/tsc'), check, { cwd: project });
  });

  it('gets tokens of the jwt plugin, which stay small if the user has a picture', async ({
    start,
    frontend,
    account,
  }) => {
    await start(0);
    await frontend.page.post('/api/auth/update-user', { image: `data:image/png;base64,${'A'.repeat(20_000)}` });
    const made = await frontend.taskwell(`/api/${account.id}/tasks`, {
      method: 'POST',
      body: '{"title":"Buy groceries"}',
    });
    expect(made).toMatchObject({ user_id: account.id, title: 'Buy groceries' });
    expect(await frontend.listTasks()).toContainEqual(made);
    const { token } = (await (await frontend.page.fetch('/api/auth/token')).json()) as { token: string };
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    expect(Object.keys(claims).sort()).toEqual(['aud', 'email', 'exp', 'iat', 'iss', 'sub']);
  });

  it('gets tokens from its own route for users who are signed in', async ({ start, frontend, account, token }) => {
    const api = await start(1);
    expect((await api.sendAs(token)('GET', `/api/${account.id}/tasks`)).status).toBe(200);
    expect((await new Page(frontend.url).fetch('/api/token')).status).toBe(401);
    await expect(frontend.taskwell(`/api/${account.id}/tasks`)).rejects.toThrow('token');
  });

  it('gets the same tasks with both kinds of token', async ({ start, frontend, account, token }) => {
    const api = await start(2);
    const mine = await frontend.taskwell(`/api/${account.id}/tasks`);
    expect((await api.sendAs(token)('GET', `/api/${account.id}/tasks`)).body).toEqual(mine);
  });

  it('is accepted by its URL in the browser, with keys from another URL', async ({ start, frontend, account }) => {
    expect((await commandLines(guide))[3]).toMatchObject({
      BETTER_AUTH_URL: BROWSER_SEES,
      JWKS_URL: 'http://frontend:3000/api/auth/jwks',
    });
    await start(3);
    expect(await frontend.taskwell(`/api/${account.id}/tasks`)).toHaveProperty('tasks');
  });
});

describe('a frontend that repeats requests', () => {
  it('creates one task if responses are lost or are a 503', async ({ start, frontend, account, onTestFinished }) => {
    await start(0);
    const tasks = `/api/${account.id}/tasks`;
    onTestFinished(() => void vi.stubGlobal('fetch', frontend.page.fetch));
    const failures = [
      () => Response.json({}, { status: 503, headers: { 'Retry-After': '0' } }),
      () => Promise.reject(new TypeError('fetch failed')),
    ];
    let creates = 0;
    vi.stubGlobal('fetch', async (input: string, init?: RequestInit) => {
      const response = await frontend.page.fetch(input, init);
      if (init?.method !== 'POST' || !input.endsWith(tasks)) return response;
      creates += 1;
      return failures.shift()?.() ?? response;
    });
    const title = `Water the plants ${randomUUID()}`; // a second attempt must not find the task of the first
    const { task } = await frontend.createTask(tasks, title);
    expect(creates).toBe(3);
    const { tasks: listed } = (await frontend.taskwell(tasks)) as { tasks: Task[] };
    expect(listed.filter((one) => one.title === title)).toEqual([task]);
  });

  it('shows an edit at once, and the task of the server if somebody was faster', async ({
    start,
    frontend,
    account,
  }) => {
    await start(0);
    const tasks = `/api/${account.id}/tasks`;
    const created = await frontend.createTask(tasks, 'Call Ben');
    const shown: string[] = [];
    const show = ({ title }: Task) => void shown.push(title);
    const edited = await frontend.editTask(tasks, created, { title: 'Call Ann' }, show);
    expect(edited.etag).not.toBe(created.etag);
    const refused = await frontend.editTask(tasks, created, { title: 'Call Eve' }, show);
    expect(refused).toEqual(edited);
    expect(shown).toEqual(['Call Ann', 'Call Ann', 'Call Eve', 'Call Ann']);
  });
});

describe('the command line for development', () => {
  it('accepts the tokens and the page of the app', async () => {
    const settings = (await commandLines(readme)).at(-1)!;
    const [, app] = /an app on `(\S+)` in development/.exec(await readme)!;
    expect(settings).toEqual({ BETTER_AUTH_URL: app });
    expect(await readme).toContain(`\nBETTER_AUTH_URL=${app}\n`);
    expect(readConfiguration(settings)).toMatchObject({
      environment: 'dev',
      corsOrigins: expect.arrayContaining([app]),
    });
  });
});

describe('a command line for production', () => {
  it('is a valid configuration', async () => {
    const lines = await commandLines(guide);
    expect(lines).toHaveLength(4);
    for (const settings of lines) {
      const given = { ...settings, DATABASE_URL: 'postgresql://user:password@db/tasks' };
      const secret = 'BETTER_AUTH_SECRET' in settings ? { BETTER_AUTH_SECRET: SECRET } : {};
      expect(readConfiguration({ ...given, ...secret }).environment).toBe('production');
    }
  });
});
