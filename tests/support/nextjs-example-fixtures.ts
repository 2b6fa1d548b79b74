import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { ROOT } from './build.ts';
import { LAUNCH_OPTIONS } from './chromium.ts';
import { type CommandProcess, startProcess } from './command-process.ts';
import { itWithDatabase } from './database-fixtures.ts';
import { freePort } from './free-port.ts';
import { SECRET } from './running-app.ts';
import { serving } from './serving.ts';
import { createTestDatabase } from './test-database.ts';

const exec = promisify(execFile);
const EXAMPLE = join(ROOT, 'examples/nextjs');
/** What is in the folder of somebody who has tried the example. */
const NOT_COPIED = ['node_modules', '.next', '.env', 'next-env.d.ts'];
const NEXT = ['node_modules/next/dist/bin/next'];

let visits = 0;

/**
 * `it` with these fixtures, which last as long as the file, except for the last:
 *
 * - `folder`: a copy of the example, installed
 * - `appDatabase`: a database for the tables of Better Auth
 * - `appUrl`: the URL of the example
 * - `taskwell`: a server on `database` that accepts the users of the example
 * - `example`: the example, built and started
 * - `visit`: opens the example in a new profile of the browser, from an address of its own, because Better Auth limits the
 *   sign-ups of an address
 */
export function itWithNextjsExample() {
  return itWithDatabase()
    .extend('folderPrefix', { scope: 'file' }, join(tmpdir(), 'taskwell-nextjs-'))
    .extend('folder', { scope: 'file' }, async ({ folderPrefix }, { onCleanup }) => {
      const folder = await mkdtemp(folderPrefix);
      onCleanup(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
      await cp(EXAMPLE, folder, { recursive: true, filter: (path) => !NOT_COPIED.includes(basename(path)) });
      await exec('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder });
      return folder;
    })
    .extend('appDatabaseOptions', { scope: 'file' }, { bare: true })
    .extend('appDatabase', { scope: 'file' }, async ({ appDatabaseOptions }, { onCleanup }) => {
      const database = await createTestDatabase(appDatabaseOptions);
      onCleanup(() => database.drop());
      return database;
    })
    .extend('appUrl', { scope: 'file' }, async () => `http://127.0.0.1:${await freePort()}`)
    .extend('taskwell', { scope: 'file' }, async ({ database, appUrl }, { onCleanup }) => {
      const server = await serving({ ...database.settings, BETTER_AUTH_URL: appUrl, CORS_ORIGINS: appUrl });
      onCleanup(() => server.stop());
      return server;
    })
    .extend('example', { scope: 'file' }, async ({ folder, appDatabase, appUrl, taskwell }, { onCleanup }) => {
      const settings = {
        DATABASE_URL: appDatabase.ownerUrl,
        BETTER_AUTH_URL: appUrl,
        BETTER_AUTH_SECRET: SECRET,
        NEXT_PUBLIC_API_URL: taskwell.url,
      };
      const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
      await writeFile(join(folder, '.env'), lines.join(''));
      const next = (...args: string[]) =>
        startProcess({ folder, env: { NEXT_TELEMETRY_DISABLED: '1' }, args: [...NEXT, ...args], detached: true });
      const running: CommandProcess[] = [];
      onCleanup(async () => void (await Promise.all(running.map(stop))));
      const build = next('build');
      running.push(build);
      if ((await build.ended) !== 0) throw new Error(`next build failed: ${build.text.out}${build.text.err}`);
      const { hostname, port } = new URL(appUrl);
      const server = next('start', '--hostname', hostname, '--port', port);
      running.push(server);
      await server.waitFor((out) => /Ready in/.exec(out) ?? undefined);
      return server;
    })
    .extend('launchOptions', { scope: 'file' }, LAUNCH_OPTIONS)
    .extend('browser', { scope: 'file' }, async ({ launchOptions }, { onCleanup }): Promise<Browser> => {
      const browser = await chromium.launch(launchOptions);
      onCleanup(() => browser.close());
      return browser;
    })
    .extend('visit', ({ example: _running, browser, appUrl, onTestFinished }) => async (): Promise<Page> => {
      const context = await browser.newContext();
      onTestFinished(() => context.close());
      const page = await context.newPage();
      visits += 1;
      const address = `192.0.2.${visits}`;
      await page.route(`${appUrl}/api/auth/**`, (route) =>
        route.continue({ headers: { ...route.request().headers(), 'x-forwarded-for': address } }),
      );
      await page.goto(appUrl);
      return page;
    });
}

/** Ends a process and those that it has started. */
async function stop({ child, ended }: CommandProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGTERM');
  await ended;
}
