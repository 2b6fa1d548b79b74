import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { expect, vi } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';

const it = itWithApp();

it('is not kept by caches if a part of the documentation cannot be read', async ({ app, onTestFinished }) => {
  const stat = vi.spyOn(fs, 'stat').mockRejectedValue(new Error('ENOENT: dist/assets'));
  syncBuiltinESMExports();
  onTestFinished(() => {
    stat.mockRestore();
    syncBuiltinESMExports();
  });
  const { status, headers, body } = await app.send('GET', '/docs/swagger-ui.css');
  expect({ status, error: body.error }).toEqual({ status: 500, error: 'internal_error' });
  expect(headers.get('cache-control')).toBe('no-store');
});
