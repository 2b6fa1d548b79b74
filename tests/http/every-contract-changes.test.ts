import { describe, expect } from 'vitest';
import { UserId } from '../../domain/user-id.ts';
import { openToken, sealToken } from '../../interfaces/http/contracts/opaque-token.ts';
import { PLACES } from '../support/contract-places.ts';

describe.each(PLACES)('the changes of $frontend.name at "$prefix"', ({ frontend, it, error, tasksOf }) => {
  const { taskIn } = frontend;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came back
  const pageIn = (body: any) => body.data ?? body;

  it('are each task once, as the contract shows it, and the id of a deleted one', async ({ signIn }) => {
    const { send, tasks, create } = signIn();
    const read = async (query = '') => pageIn((await send('GET', `${tasks}/changes${query}`)).body);
    const empty = await read();
    expect(empty).toEqual({ changes: [], next: expect.any(String), more: false });
    const [first, second, third] = [await create(), await create(), await create()];
    const page = await read(`?since=${empty.next}&limit=2`);
    expect(page).toEqual({ changes: [first, second], next: expect.any(String), more: true });
    const updated = taskIn((await send('PUT', `${tasks}/${first.id}`, { body: frontend.put('Buy milk') })).body);
    await send('DELETE', `${tasks}/${second.id}`);
    const rest = await read(`?since=${page.next}`);
    expect(rest.changes).toEqual([third, updated, { id: second.id, deleted: true }]);
    expect(rest.more).toBe(false);
    expect(await read(`?since=${rest.next}`)).toEqual({ changes: [], next: rest.next, more: false });
    expect((await read()).changes).toEqual([third, updated]);
  });

  it('say in a header which writes they contain', async ({ signIn }) => {
    const { send, tasks } = signIn();
    expect((await send('GET', `${tasks}/changes`)).headers.get('x-task-position')).toBe('0');
    const { headers } = await send('POST', tasks, { body: { title: 'Buy groceries' } });
    const position = headers.get('x-task-position');
    expect((await send('GET', `${tasks}/changes`)).headers.get('x-task-position')).toBe(position);
  });

  it('refuse a token of somebody else, a token that was changed, and a limit out of range', async ({ signIn }) => {
    const [ann, bob] = [signIn(), signIn()];
    await ann.create();
    const { next } = pageIn((await ann.send('GET', `${ann.tasks}/changes`)).body);
    const changed = Buffer.from(next, 'base64url').toString().replace(/\d$/, '7');
    for (const since of [next, '', 'x', Buffer.from(changed).toString('base64url'), `${next}&since=${next}`]) {
      const answer = await bob.send('GET', `${bob.tasks}/changes?since=${since}`);
      expect(answer, since).toMatchObject(
        error(frontend.invalid, 'validation_error', expect.stringMatching(/^since /), { field: 'since' }),
      );
    }
    for (const limit of ['0', '1001', '-1', '1.5', '', 'x', '1&limit=2', '99999999999999999999']) {
      const answer = await bob.send('GET', `${bob.tasks}/changes?limit=${limit}`);
      expect(answer, limit).toMatchObject(
        error(frontend.invalid, 'validation_error', expect.stringMatching(/^limit /), { field: 'limit' }),
      );
    }
  });

  it('refuse a token whose parts the server cannot have made', async ({ signIn }) => {
    const { user, send, tasks, create } = signIn();
    await create();
    const { next } = pageIn((await send('GET', `${tasks}/changes`)).body);
    const [startedAt = '', ...numbers] = openToken(next, ['changes', user]) ?? [];
    const forged = [
      [startedAt],
      ...['2026-11-20T17:00:00.123Z', '2026-02-30T17:00:00.123456Z', 'x'].map((instant) => [instant, ...numbers]),
      ...['NaN', '1e400', '1e30', '1.5', '-5', '9223372036854775808', '', ' 1'].flatMap((number) => [
        [startedAt, number, 0, 0],
        [startedAt, 0, number, 0],
        [startedAt, 0, 0, number],
      ]),
    ].map((parts) => sealToken(parts, ['changes', user]));
    for (const since of forged) {
      expect(await send('GET', `${tasks}/changes?since=${since}`), since).toMatchObject(
        error(frontend.invalid, 'validation_error', expect.stringMatching(/^since /), { field: 'since' }),
      );
    }
  });

  it('answer 410 to a token from before the data of the user was erased', async ({ signIn, app }) => {
    const { user, send, tasks, create } = signIn();
    await create();
    const { next } = pageIn((await send('GET', `${tasks}/changes`)).body);
    await app.useCases.eraseUser.execute({ owner: UserId(user) });
    expect(await send('GET', `${tasks}/changes?since=${next}`)).toMatchObject(error(410, 'gone'));
    const again = await create();
    expect(await send('GET', `${tasks}/changes?since=${next}`)).toMatchObject(error(410, 'gone'));
    expect(pageIn((await send('GET', `${tasks}/changes`)).body).changes).toEqual([again]);
  });

  it('are for the user of the token alone', async ({ signIn, app }) => {
    const [ann, bob] = [signIn(), signIn()];
    await ann.create();
    expect(pageIn((await bob.send('GET', `${bob.tasks}/changes`)).body).changes).toEqual([]);
    expect((await app.send('GET', `${ann.tasks}/changes`)).status).toBe(401);
    if (frontend.userInPath) expect((await bob.send('GET', `${tasksOf(ann.user)}/changes`)).status).toBe(403);
  });
});
