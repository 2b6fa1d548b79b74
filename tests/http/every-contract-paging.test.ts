import { describe, expect } from 'vitest';
import { sealToken } from '../../interfaces/http/contracts/opaque-token.ts';
import { PLACES } from '../support/contract-places.ts';
import { PAGE, type Send } from '../support/running-app.ts';

const AT = '2026-11-20T17:00:00.123456Z';

/** The parameters of the next page; `undefined` if there is none. */
function nextOf({ headers }: Awaited<ReturnType<Send>>): URLSearchParams | undefined {
  const link = headers.get('link');
  const [, target] = /^<([^>]+)>; rel="next"$/.exec(link ?? '') ?? [];
  expect(target === undefined).toBe(link === null);
  return target === undefined ? undefined : new URL(target, 'http://localhost/elsewhere').searchParams;
}

describe.each(PLACES)('the pages of $frontend.name at "$prefix"', ({ frontend, it, error }) => {
  const { tasksIn } = frontend;
  const titlesIn = (body: unknown): string[] => tasksIn(body).map(({ title }) => title);
  const fault = (field: string) =>
    error(frontend.invalid, 'validation_error', expect.stringMatching(new RegExp(`^${field} `)), { field });

  it('are parts of the list, in the shape of the list, each with a link to the next one', async ({ signIn }) => {
    const { send, tasks, create } = signIn();
    for (let n = 1; n <= 5; n += 1) await create({ title: `Task ${n}` });
    const { body: list } = await send('GET', tasks);
    const read: unknown[] = [];
    let url = `${tasks}/?limit=2&count=true`;
    for (const [length, isLast] of [
      [2, false],
      [2, false],
      [1, true],
    ] as const) {
      const answer = await send('GET', url);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-total-count')).toBe('5');
      expect(tasksIn(answer.body)).toHaveLength(length);
      if (list.count !== undefined) expect(answer.body.count).toBe(length);
      read.push(...tasksIn(answer.body));
      const link = answer.headers.get('link');
      expect(link === null).toBe(isLast);
      const next = new URL(/<(.*)>/.exec(link ?? '<>')![1]!, `http://localhost${url}`);
      url = next.pathname + next.search;
    }
    expect(read).toEqual(tasksIn(list));
  });

  it('have a link with the parameters of the list alone', async ({ signIn }) => {
    const { send, tasks, create } = signIn();
    for (const title of ["a 'b' ä", "a 'b' ä"]) await create({ title });
    const known = {
      limit: '1',
      count: 'true',
      q: "a 'b' ä",
      status: frontend.statuses.find((word) => word !== 'all' && word !== 'completed')!,
      sort: 'title',
    };
    const unknown = new URLSearchParams({ utm: 'a', x: "'".repeat(3_000) });
    const page = await send('GET', `${tasks}?${unknown}&${new URLSearchParams(known)}&utm=b`);
    const { cursor, ...others } = Object.fromEntries(nextOf(page) ?? []);
    expect(cursor).toMatch(/./);
    expect(others).toEqual(known);
    if (frontend.name !== '007-fastapi-backend') return;
    const filtered = await send('GET', `${tasks}?status_filter=pending&limit=1`);
    expect(nextOf(filtered)?.get('status_filter')).toBe('pending');
  });

  it('come in the order of the request, also behind a title with line breaks', async ({ signIn }) => {
    const { send, tasks, create } = signIn();
    for (const title of ['b\nc\nd', 'a', 'c', '🛒'.repeat(frontend.limits.title)]) await create({ title });
    const sorted = titlesIn((await send('GET', `${tasks}?sort=title`)).body);
    const read: string[] = [];
    for (let next: URLSearchParams | undefined = new URLSearchParams('limit=1&sort=title'); next; ) {
      const answer = await send('GET', `${tasks}?${next}`);
      read.push(...titlesIn(answer.body));
      next = nextOf(answer);
    }
    expect(read).toEqual(sorted);
  });

  it('count all matching tasks only if the client asks for it', async ({ signIn }) => {
    const { send, tasks, create } = signIn();
    for (let n = 1; n <= 3; n += 1) await create();
    const total = async (query: string) => (await send('GET', `${tasks}${query}`)).headers.get('x-total-count');
    expect(await total('')).toBeNull();
    expect(await total('?count=false&limit=1')).toBeNull();
    expect(await total('?count=true&limit=1')).toBe('3');
    expect(await total('?count=true')).toBe('3');
    for (const count of ['', '1', 'yes', 'true&count=true']) {
      expect(await send('GET', `${tasks}?count=${count}`), count).toMatchObject(fault('count'));
    }
  });

  it('have the ETag of the list', async ({ signIn }) => {
    const { send, tasks, create } = signIn();
    for (let n = 1; n <= 3; n += 1) await create();
    const etag = (await send('GET', tasks)).headers.get('etag')!;
    const page = await send('GET', `${tasks}?limit=2`);
    expect(page.headers.get('etag')).toBe(etag);
    const headers = { 'if-none-match': etag };
    for (const query of ['limit=2', nextOf(page)]) {
      const answer = await send('GET', `${tasks}?${query}`, { headers });
      expect([answer.status, answer.text]).toEqual([304, '']);
    }
    await create();
    expect((await send('GET', `${tasks}?limit=2`, { headers })).status).toBe(200);
  });

  it('refuse a cursor of somebody else, one that was changed, one without a limit, and a bad limit', async ({
    signIn,
  }) => {
    const [ann, bob] = [signIn(), signIn()];
    for (let n = 1; n <= 2; n += 1) await ann.create();
    const cursor = nextOf(await ann.send('GET', `${ann.tasks}?limit=1`))!.get('cursor')!;
    const changed = Buffer.from(cursor, 'base64url').toString().replace(/\d$/, '7');
    for (const other of [cursor, '', 'x', Buffer.from(changed).toString('base64url'), `${cursor}&cursor=${cursor}`]) {
      expect(await bob.send('GET', `${bob.tasks}?limit=1&cursor=${other}`), other).toMatchObject(fault('cursor'));
    }
    expect(await ann.send('GET', `${ann.tasks}?cursor=${cursor}`)).toMatchObject(fault('cursor'));
    expect((await ann.send('GET', `${ann.tasks}?limit=7&cursor=${cursor}`)).status).toBe(200);
    for (const other of ['sort=title', 'status=completed', 'q=buy']) {
      const answer = await ann.send('GET', `${ann.tasks}?limit=1&cursor=${cursor}&${other}`);
      expect(answer, other).toMatchObject(fault('cursor'));
    }
    for (const limit of ['0', '1001', '-1', '1.5', '', 'x', '1&limit=2', '99999999999999999999']) {
      expect(await ann.send('GET', `${ann.tasks}?limit=${limit}`), limit).toMatchObject(fault('limit'));
    }
    expect((await ann.send('GET', `${ann.tasks}?limit=1000`)).status).toBe(200);
  });

  it('refuse a cursor that no list has, although its digest is right', async ({ signIn }) => {
    const { user, send, tasks, create } = signIn();
    await create();
    for (const parts of [
      [],
      [''],
      ['x', 1],
      ['2026-99-99T00:00:00.000000Z', 1],
      [AT, 0],
      [AT, 'x'],
      [AT, 1, '\0'],
      ['2026-02-30T17:00:00.123456Z', 1],
      ['2026-11-20T17:00:00.123Z', 1],
      [AT, 1.5],
    ]) {
      const cursor = sealToken(parts, ['list', user, 'title', 'undefined']);
      const answer = await send('GET', `${tasks}?limit=1&sort=title&cursor=${cursor}`);
      expect(answer, parts.join()).toMatchObject(fault('cursor'));
    }
    const right = sealToken([AT, 1, 'A'], ['list', user, 'title', 'undefined']);
    expect((await send('GET', `${tasks}?limit=1&sort=title&cursor=${right}`)).status).toBe(200);
  });

  it('are for the user of the token alone, and pages of other origins can read their headers', async ({
    signIn,
    app,
  }) => {
    const [ann, bob] = [signIn(), signIn()];
    await ann.create();
    expect(tasksIn((await bob.send('GET', `${bob.tasks}?limit=10`)).body)).toEqual([]);
    expect((await app.send('GET', `${ann.tasks}?limit=10`)).status).toBe(401);
    const { headers } = await ann.send('GET', `${ann.tasks}?limit=1`, { headers: { origin: PAGE } });
    const exposed = headers.get('access-control-expose-headers')?.toLowerCase().split(/, ?/);
    expect(exposed).toEqual(expect.arrayContaining(['link', 'x-total-count']));
  });
});
