import { rm } from 'node:fs/promises';
import { aUser } from '../conformance/builders.ts';
import { installExampleApps } from './example-apps.ts';
import { SECRET, tokenFor } from './running-app.ts';
import { itWithServer } from './server-fixtures.ts';
import { UnreliableFetch } from './unreliable-fetch.ts';

/**
 * `it` with the fixtures of `itWithServer`, and with these for a user of the test alone:
 *
 * - `open` opens an app of the user, on a network of its own
 * - `send` sends requests as the user, without an app
 * - `stored`: the titles that the server has
 */
export function itWithExampleApps() {
  return itWithServer()
    .extend('apps', { scope: 'file' }, async ({ database: _database }, { onCleanup }) => {
      const apps = await installExampleApps();
      onCleanup(() => rm(apps.folder, { recursive: true, force: true }));
      return apps;
    })
    .extend('user', () => aUser())
    .extend('tasks', ({ user }) => `/contracts/003-backend-api/api/${user}/tasks`)
    .extend('server', ({ serve }) => serve({ BETTER_AUTH_SECRET: SECRET }))
    .extend('send', ({ server, user }) => server.sendAs(tokenFor(user)))
    .extend('stored', ({ send, tasks }) => async (): Promise<string[]> => {
      const { body } = await send('GET', tasks);
      return body.map(({ title }: { title: string }) => title).sort();
    })
    .extend('open', ({ apps, server, user, onTestFinished }) => async (name: 'openRxdb' | 'openTanstack') => {
      const network = new UnreliableFetch();
      const url = `${server.url}/contracts/003-backend-api`;
      const app = await apps[name]({ url, userId: user, token: async () => tokenFor(user), fetch: network.fetch });
      onTestFinished(async () => void (await app.close()));
      return { ...app, network, sorted: async () => (await app.titles()).sort() };
    });
}
