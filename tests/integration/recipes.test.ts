import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { getMigrations } from 'better-auth/db/migration';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readConfiguration } from '../../interfaces/composition/configuration/configuration.ts';
import { CONTRACT_NAMES } from '../../interfaces/http/contracts/contracts.ts';
import { type FrontendServer, serveFrontend } from '../support/better-auth-server.ts';
import { ROOT } from '../support/build.ts';
import { Page } from '../support/page.ts';
import { SECRET } from '../support/running-app.ts';
import { type Serving, serving } from '../support/serving.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const exec = promisify(execFile);
const BROWSER_SEES = 'https://app.example.com';

/** What the README says of frontends, between its headings. */
const chapter = (async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  return /## Connect your frontend\n(.*?)\n## /s.exec(readme)![1]!;
})();

/** The settings of its command lines, in the order of the README. */
async function commandLines(): Promise<Record<string, string>[]> {
  return [...(await chapter).matchAll(/```sh\n(.*?) npm start\n```/gs)].map(([, line]) =>
    Object.fromEntries([...line!.matchAll(/(\w+)=(?:'([^']*)'|(\S+))/g)].map(([, name, a, b]) => [name, a ?? b])),
  );
}

describe('a frontend built by the recipes of the README', () => {
  let project: string;
  let test: TestDatabase;
  let frontend: FrontendServer;
  let page: Page;
  let user: { id: string };
  let taskwell: (path: string, init?: RequestInit) => Promise<Response>;

  beforeAll(async () => {
    test = await createTestDatabase();
    project = await mkdtemp(join(tmpdir(), 'taskwell-recipes-'));
    await symlink(join(ROOT, 'node_modules'), join(project, 'node_modules'));
    for (const [, code = '', name = ''] of (await chapter).matchAll(/```ts\n(\/\/ (\S+)\n.*?)```/gs)) {
      await mkdir(dirname(join(project, name)), { recursive: true });
      await writeFile(join(project, name), code);
    }
    vi.stubEnv('DATABASE_URL', test.url);
    vi.stubEnv('BETTER_AUTH_SECRET', SECRET);
    frontend = await serveFrontend(async (url) => {
      vi.stubEnv('BETTER_AUTH_URL', BROWSER_SEES);
      const { auth } = await import(join(project, 'lib/auth.ts'));
      const { GET } = await import(join(project, 'app/api/token/route.ts'));
      await (await getMigrations(auth.options)).runMigrations();
      closing.push(() => auth.options.database.end());
      page = new Page(url, BROWSER_SEES);
      vi.stubGlobal('fetch', page.fetch);
      ({ taskwell } = await import(join(project, 'lib/taskwell.ts')));
      return (request) => (new URL(request.url).pathname === '/api/token' ? GET(request) : auth.handler(request));
    });
    const credentials = { email: 'ann@example.com', password: 'correct horse battery staple' };
    const signedUp = await page.post('/api/auth/sign-up/email', { name: 'Ann', ...credentials });
    ({ user } = (await signedUp.json()) as { user: { id: string } });
  });
  const closing: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    vi.unstubAllGlobals();
    vi.unstubAllEnvs();
    await frontend.close();
    for (const close of closing) await close();
    await test.drop();
    await rm(project, { recursive: true, force: true });
  });

  /** The server of a command line, of which only the addresses are others. */
  async function started(line: number): Promise<Serving> {
    const settings = (await commandLines())[line]!;
    const jwksUrl = settings.BETTER_AUTH_URL === undefined ? {} : { JWKS_URL: `${frontend.url}/api/auth/jwks` };
    const secret = settings.BETTER_AUTH_SECRET === undefined ? {} : { BETTER_AUTH_SECRET: SECRET };
    const api = await serving({ ...settings, ...secret, ...jwksUrl, DATABASE_URL: test.url, HOST: '127.0.0.1' });
    onTestFinished(() => api.stop());
    vi.stubEnv('NEXT_PUBLIC_API_URL', api.url);
    return api;
  }

  /** As the route mints it. */
  async function minted(): Promise<string> {
    const { token } = (await (await page.fetch('/api/token')).json()) as { token: string };
    return token;
  }

  it('type-checks', async () => {
    const options = ['--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2023,dom', '--types', 'node'];
    const files = ['lib/auth.ts', 'lib/taskwell.ts', 'app/api/token/route.ts'];
    const check = [...options, '--strict', '--skipLibCheck', '--noEmit', ...files];
    await exec(join(ROOT, 'node_modules/.bin/tsc'), check, { cwd: project });
  });

  it('has tokens of the jwt plugin, small ones even where the user has a picture', async () => {
    await started(0);
    await page.post('/api/auth/update-user', { image: `data:image/png;base64,${'A'.repeat(20_000)}` });
    const made = await taskwell(`/api/${user.id}/tasks`, { method: 'POST', body: '{"title":"Buy groceries"}' });
    expect(made.status).toBe(201);
    expect(await (await taskwell(`/api/${user.id}/tasks`)).json()).toMatchObject({ tasks: [{ user_id: user.id }] });
    const { token } = (await (await page.fetch('/api/auth/token')).json()) as { token: string };
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    expect(Object.keys(claims).sort()).toEqual(['aud', 'email', 'exp', 'iat', 'iss', 'sub']);
  });

  it('has tokens of a route of its own, for those who are signed in', async () => {
    const api = await started(1);
    expect((await api.sendAs(await minted())('GET', `/api/${user.id}/tasks`)).status).toBe(200);
    expect((await new Page(frontend.url).fetch('/api/token')).status).toBe(401);
    expect((await taskwell(`/api/${user.id}/tasks`)).status).toBe(401);
  });

  it('has both, and the same tasks with both', async () => {
    const api = await started(2);
    const mine = await (await taskwell(`/api/${user.id}/tasks`)).json();
    expect((await api.sendAs(await minted())('GET', `/api/${user.id}/tasks`)).body).toEqual(mine);
  });

  it('is believed by its URL in the browser, its keys fetched from another', async () => {
    expect((await commandLines())[3]).toMatchObject({
      BETTER_AUTH_URL: BROWSER_SEES,
      JWKS_URL: 'http://frontend:3000/api/auth/jwks',
    });
    await started(3);
    expect((await taskwell(`/api/${user.id}/tasks`)).status).toBe(200);
  });
});

describe('a command line of the README', () => {
  it('is a configuration for production, as it stands', async () => {
    const lines = await commandLines();
    expect(lines).toHaveLength(4);
    for (const settings of lines) {
      const given = { ...settings, DATABASE_URL: 'postgresql://user:password@db/tasks' };
      const secret = 'BETTER_AUTH_SECRET' in settings ? { BETTER_AUTH_SECRET: SECRET } : {};
      expect(readConfiguration({ ...given, ...secret }, CONTRACT_NAMES).environment).toBe('production');
    }
  });
});
