import { describe, expect } from 'vitest';
import { Unavailable } from '../../application/application-errors.ts';
import { checked, PLACES } from '../support/contract-places.ts';
import { failingTasks } from '../support/failing-tasks.ts';
import { tasksPath } from '../support/frontends.ts';
import { PAGE, tokenFor } from '../support/running-app.ts';

describe.each(PLACES)(
  '$frontend.name at "$prefix"',
  ({ frontend, prefix, atRoot, it, absent, tasksOf, requests, requestsTo, error }) => {
    const { taskIn, tasksIn } = frontend;

    it('answers 401 with WWW-Authenticate on every route without a token, and with an invalid one', async ({ app }) => {
      for (const [method, path, options] of requests(tasksOf('u'), absent)) {
        const none = await app.send(method, path, { ...options, headers: { 'content-type': 'application/json' } });
        expect(none).toMatchObject(error(401, 'unauthorized'));
        expect(none.headers.get('www-authenticate')).toBe('Bearer');
        for (const token of [
          'k3JdP0sXq9Lm2Tn5Vw8Yz1Bc4Df7Gh0J',
          'k3JdP0.sXq9Lm2',
          `${tokenFor('u')}x`,
          tokenFor('u', { exp: 1 }),
        ]) {
          const answer = await app.send(method, path, {
            ...options,
            headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          });
          expect(answer).toMatchObject(error(401, 'unauthorized'));
          expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token", error_description="/);
        }
      }
    });

    if (frontend.userInPath)
      it('answers 403 on every route below the path of another user, without a challenge', async ({ signIn }) => {
        const [owner, stranger] = [signIn(), signIn()];
        const { id } = await owner.create();
        for (const [method, path, options] of requests(owner.tasks, id)) {
          const answer = await stranger.send(method, path, options);
          expect(answer).toMatchObject(error(403, 'forbidden'));
          expect(answer.text).not.toMatch(/token/i);
        }
        expect(tasksIn((await owner.send('GET', owner.tasks)).body)).toHaveLength(1);
      });

    it("answers 404 for another user's task exactly as for one that does not exist", async ({ signIn }) => {
      const [owner, stranger] = [signIn(), signIn()];
      await owner.create();
      const task = await owner.create();
      const hidden = requestsTo(`${stranger.tasks}/${task.id}`);
      const missing = requestsTo(`${stranger.tasks}/${absent}`);
      for (const [index, [method, path, options]] of hidden.entries()) {
        const answer = await stranger.send(method, path, options);
        const other = await stranger.send(method, missing[index]![1], options);
        const category = /^00[12]-(backend-api|todo-web-app)$/.test(frontend.name) ? 'task_not_found' : 'not_found';
        expect(answer).toMatchObject(error(404, category, 'Task not found'));
        const timeless = (text: string) => text.replace(/"\d{4}-\d\d-\d\dT[^"]*"/, '');
        expect(timeless(answer.text)).toBe(timeless(other.text));
        expect([...answer.headers.keys()]).toEqual([...other.headers.keys()]);
      }
      expect(taskIn((await owner.send('GET', `${owner.tasks}/${task.id}`)).body)).toEqual(task);
    });

    it('answers 405 with Allow for a wrong method, and 404 for an unknown path', async ({ app, signIn }) => {
      const { send, tasks } = signIn();
      const one = `${tasks}/${absent}`;
      const allow = ['GET', 'HEAD', 'PUT', 'DELETE', ...(frontend.patches ? ['PATCH'] : [])].sort();
      for (const [method, path, allowed] of [
        ['POST', one, allow],
        ...(frontend.patches ? [] : [['PATCH', one, allow] as const]),
        ['DELETE', tasks, ['GET', 'HEAD', 'POST']],
        ...frontend.toggles.map((toggle) => ['GET', `${one}/${toggle}`, ['PATCH']] as const),
      ] as const) {
        const answer = await send(method, path);
        expect(answer).toMatchObject(error(405, 'method_not_allowed'));
        expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(allowed);
      }
      const unknown = ['complete', 'toggle', 'toggle-complete'].filter((name) => !frontend.toggles.includes(name));
      for (const path of [
        `${prefix}/api`,
        `${prefix}/api/nothing/here/at/all`,
        ...unknown.map((name) => `${one}/${name}`),
      ]) {
        expect(await send('PATCH', path)).toMatchObject(error(404, 'not_found'));
      }
      for (const path of ['/api/u/tasks', '/api/tasks', '/tasks']) {
        const status = path === tasksPath(frontend, 'u') ? 401 : 404;
        expect((await app.send('GET', `${prefix}${path}`)).status).toBe(status);
      }
    });

    it('answers 405 with Allow for a wrong method on a path that has a word in the place of an id', async ({
      app,
      signIn,
    }) => {
      const { send, tasks } = signIn();
      const words = ['changes', 'events', ...(frontend.name === '1-backend-integration' ? ['stats'] : [])];
      for (const path of words.flatMap((word) => [`${tasks}/${word}`, `${tasks}/${word}/`])) {
        for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
          const answer = await send(method, path, { body: {} });
          const detail = `${method} is not allowed here; allowed: HEAD, GET`;
          expect(answer, `${method} ${path}`).toMatchObject(error(405, 'method_not_allowed', detail));
          expect(answer.headers.get('allow')).toBe('HEAD, GET');
        }
        const options = await fetch(`${app.url}${path}`, { method: 'OPTIONS' });
        expect([options.status, options.headers.get('allow')]).toEqual([200, 'HEAD, GET']);
      }
    });

    it('lets a page of an allowed origin read every error', async ({ app, signIn }) => {
      const { send, tasks } = signIn();
      const headers = { origin: PAGE };
      for (const [status, answer] of [
        [401, await app.send('GET', tasks, { headers })],
        [404, await send('GET', `${tasks}/${absent}`, { headers })],
        [405, await send('DELETE', tasks, { headers })],
        [413, await send('POST', tasks, { headers, body: 'x'.repeat(1024 * 1024 + 1) })],
        [415, await send('POST', tasks, { body: 'x', headers: { ...headers, 'content-type': 'text/plain' } })],
        [frontend.invalid, await send('POST', tasks, { headers, body: {} })],
        ...(frontend.userInPath ? [[403, await send('GET', tasksOf('other'), { headers })] as const] : []),
      ] as const) {
        expect(answer.status).toBe(status);
        expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
      }
    });

    it('answers 503 with Retry-After when the database is unavailable, and 500 for an unexpected error', async ({
      startApp,
    }) => {
      let fault: Error = new Unavailable('The database is out of reach', 2);
      const fail = () => {
        throw fault;
      };
      const app = await checked(await startApp({ contract: atRoot, tasks: failingTasks(fail) }), prefix);
      const headers = { origin: PAGE };
      for (const [method, path, options] of requests(tasksOf('u'), absent)) {
        fault = new Unavailable('The database is out of reach', 2);
        const unavailable = await app.as('u')(method, path, { ...options, headers });
        expect(unavailable).toMatchObject(error(503, 'service_unavailable', 'The database is out of reach'));
        expect(unavailable.headers.get('retry-after')).toBe('2');
        expect(unavailable.headers.get('access-control-allow-origin')).toBe(PAGE);
        fault = new Error('select secret from tasks');
        const unforeseen = await app.as('u')(method, path, { ...options, headers });
        expect(unforeseen).toMatchObject(error(500, 'internal_error'));
        expect(unforeseen.text).not.toContain('secret');
      }
    });
  },
);
