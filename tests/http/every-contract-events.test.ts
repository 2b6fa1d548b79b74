import { describe, expect, onTestFinished } from 'vitest';
import { PLACES } from '../support/contract-places.ts';
import { openEvents } from '../support/event-stream-client.ts';
import { tokenFor } from '../support/running-app.ts';

const PATIENCE = { timeout: 20_000 };

describe.each(PLACES)('the events of $frontend.name at "$prefix"', ({ frontend, prefix, it, error, tasksOf }) => {
  const open = async (url: string, user: string) => {
    const events = await openEvents(url, `${tasksOf(user)}/events`, { authorization: `Bearer ${tokenFor(user)}` });
    onTestFinished(() => events.leave());
    return events;
  };

  it('tell the position at once, and again after each change, which can then be read', async ({ app, signIn }) => {
    const { user, send, tasks, create } = signIn();
    const task = await create();
    const events = await open(app.url, user);
    expect(events).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' } });
    await expect.poll(events.text).toBe('retry: 3000\n\nevent: position\nid: 1\ndata: {"position":1}\n\n');
    const removed = await send('DELETE', `${tasks}/${task.id}`);
    expect(removed.headers.get('x-task-position')).toBe('2');
    await expect.poll(events.positions, PATIENCE).toEqual([1, 2]);
    expect((await send('GET', `${tasks}/changes`)).headers.get('x-task-position')).toBe('2');
  });

  it('are for the user of the token alone', async ({ app, signIn }) => {
    const [ann, bob] = [signIn(), signIn()];
    const events = await open(app.url, bob.user);
    await ann.create();
    await bob.create();
    await expect.poll(events.positions, PATIENCE).toEqual([0, 1]);
    if (frontend.userInPath) {
      expect(await bob.send('GET', `${tasksOf(ann.user)}/events`)).toMatchObject(error(403, 'forbidden'));
    }
  });

  it('need a valid token', async ({ app, signIn }) => {
    const { user, tasks } = signIn();
    expect(await app.send('GET', `${tasks}/events`)).toMatchObject(error(401, 'unauthorized'));
    for (const token of [tokenFor(user, { exp: 1 }), `${tokenFor(user)}x`]) {
      const headers = { authorization: `Bearer ${token}` };
      expect(await app.send('GET', `${tasks}/events`, { headers })).toMatchObject(error(401, 'unauthorized'));
    }
    expect(await app.send('GET', `${tasks}/events?token=${tokenFor(user)}`)).toMatchObject(error(401, 'unauthorized'));
  });

  it('are documented', async ({ app }) => {
    const { paths } = (await app.send('GET', `${prefix}/openapi.json`)).body;
    const path = `${tasksOf('{user_id}').slice(prefix.length)}/events`;
    const { operationId, responses } = paths[decodeURIComponent(path)].get;
    expect(operationId).toBe('watchTasks');
    expect(responses[200].content).toEqual({
      'text/event-stream': {
        schema: { type: 'string' },
        example: 'event: position\nid: 42\ndata: {"position":42}\n\n',
      },
    });
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '429', '503']));
  });
});
