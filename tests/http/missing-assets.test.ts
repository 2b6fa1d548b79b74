import { expect, vi } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';

vi.mock('node:fs/promises', async (importOriginal) => ({
  ...(await importOriginal<typeof import('node:fs/promises')>()),
  stat: () => Promise.reject(new Error('ENOENT: dist/assets')),
}));

const it = itWithApp();

it('is not kept by caches if a part of the documentation cannot be read', async ({ app }) => {
  const { status, headers, body } = await app.send('GET', '/docs/swagger-ui.css');
  expect({ status, error: body.error }).toEqual({ status: 500, error: 'internal_error' });
  expect(headers.get('cache-control')).toBe('no-store');
});
