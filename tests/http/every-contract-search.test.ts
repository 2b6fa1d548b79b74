import { describe, expect } from 'vitest';
import { PLACES } from '../support/contract-places.ts';

describe.each(PLACES)('the search of $frontend.name at "$prefix"', ({ frontend, it, error }) => {
  const { tasksIn } = frontend;
  const titlesIn = (body: unknown): string[] => tasksIn(body).map(({ title }) => title);
  const fault = (message: RegExp, field: string) =>
    error(frontend.invalid, 'validation_error', expect.stringMatching(message), { field });

  it('finds words in titles and descriptions by their beginnings, in either letter case', async ({ signIn }) => {
    const { send, tasks, create } = signIn();
    await create({ title: 'Buy milk', description: 'and 12 eggs' });
    await create({ title: 'Call Ann' });
    await create({ title: 'MILKSHAKE' });
    const search = async (q: string) => titlesIn((await send('GET', `${tasks}?q=${encodeURIComponent(q)}`)).body);
    expect(await search('milk')).toEqual(['MILKSHAKE', 'Buy milk']);
    expect(await search(' Mil, EGG!')).toEqual(['Buy milk']);
    expect(await search("12' & | ! ( :* \\ % _")).toEqual(['Buy milk']);
    expect(await search('ilk')).toEqual([]);
    const page = await send('GET', `${tasks}?q=milk&limit=1&count=true`);
    expect(titlesIn(page.body)).toEqual(['MILKSHAKE']);
    expect(page.headers.get('x-total-count')).toBe('2');
    const [, next] = /^<(.*)>/.exec(page.headers.get('link') ?? '') ?? [];
    expect(titlesIn((await send('GET', `${tasks}${next}`)).body)).toEqual(['Buy milk']);
    const other = next?.replace('q=milk', 'q=buy');
    expect(await send('GET', `${tasks}${other}`)).toMatchObject(fault(/^cursor must come from/, 'cursor'));
  });

  it('refuses a text without a word, one that is too long, and one of too many words', async ({ signIn }) => {
    const { send, tasks } = signIn();
    const search = (q: string) => send('GET', `${tasks}?q=${q}`);
    for (const q of ['', '%20', '%F0%9F%9B%92', '%25_', '...']) {
      expect(await search(q), q).toMatchObject(fault(/^q must contain a letter or a digit$/, 'q'));
    }
    expect(await search('x'.repeat(201))).toMatchObject(fault(/^q must be at most 200 characters$/, 'q'));
    expect(await search('a+'.repeat(11))).toMatchObject(fault(/^q must be at most 10 words$/, 'q'));
    expect(await search('a%00')).toMatchObject(fault(/^q must be /, 'q'));
    for (const q of ['x'.repeat(200), 'a+'.repeat(10)]) expect((await search(q)).status).toBe(200);
  });

  it('selects by status and sorts, and refuses other words', async ({ signIn }) => {
    const { send, tasks, create } = signIn();
    for (const title of ['b', 'C', 'a']) await create({ title });
    const [done] = tasksIn((await send('GET', `${tasks}?q=b`)).body);
    const body = { ...frontend.put('b'), completed: true };
    if (frontend.toggles.length === 0) await send('PUT', `${tasks}/${done.id}`, { body });
    else await send('PATCH', `${tasks}/${done.id}/${frontend.toggles[0]}`);
    const list = async (query: string) => titlesIn((await send('GET', `${tasks}?${query}`)).body);
    expect(await list('sort=created')).toEqual(['a', 'C', 'b']);
    expect(await list('sort=title')).toEqual(['a', 'b', 'C']);
    expect(await list('status=completed')).toEqual(['b']);
    for (const status of frontend.statuses.filter((word) => word !== 'completed')) {
      expect(await list(`status=${status}&sort=title`)).toEqual(status === 'all' ? ['a', 'b', 'C'] : ['a', 'C']);
      expect(await list(`status=${status}&q=b`)).toEqual(status === 'all' ? ['b'] : []);
    }
    const others = ['all', 'pending', 'active', 'done', ''];
    for (const status of others.filter((word) => !frontend.statuses.includes(word))) {
      expect(await send('GET', `${tasks}?status=${status}`), status).toMatchObject(fault(/^status must be /, 'status'));
    }
    expect(await send('GET', `${tasks}?sort=newest`)).toMatchObject(fault(/^sort must be one of/, 'sort'));
  });
});
