import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformWithOxc } from 'vite';
import { describe, expect } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';
import { tokenFor } from '../support/running-app.ts';

type Follow = (
  url: string,
  options: { token: () => Promise<string>; changed: (position: number) => void; signal: AbortSignal },
) => Promise<void>;

/** The reader of the documentation. */
async function documentedReader(): Promise<Follow> {
  const page = readFileSync(join(import.meta.dirname, '../../docs/contracts.md'), 'utf8');
  const [, source = ''] = /```ts\n(.*?export async function follow.*?)```/s.exec(page) ?? [];
  const { code } = await transformWithOxc(source, 'follow.ts');
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).follow;
}

const it = itWithApp();

describe('the reader of the documentation', () => {
  it('follows the changes, also on the stream after the one that ends', async ({ app, user, send }) => {
    const follow = await documentedReader();
    const [positions, leaving] = [[] as number[], new AbortController()];
    let tokens = 0;
    const following = follow(`${app.url}/api/${user}/tasks/events`, {
      token: async () => {
        tokens += 1;
        return tokens === 1 ? 'invalid' : tokenFor(user);
      },
      changed: (position) => positions.push(position),
      signal: leaving.signal,
    });
    await expect.poll(() => positions).toEqual([0]);
    await send('POST', `/api/${user}/tasks`, { body: { title: 'Buy groceries' } });
    await expect.poll(() => positions).toEqual([0, 1]);
    expect(tokens).toBe(2);
    leaving.abort();
    await following;
    await expect.poll(() => app.watchTasks.count).toBe(0);
  });
});
