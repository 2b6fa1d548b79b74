import { describe, expect } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';

const it = itWithApp();

describe('a response', () => {
  it('has the id of its request: the given one if it is valid', async ({ app }) => {
    const given = await app.send('GET', '/health', { headers: { 'x-request-id': 'req-7.a:b' } });
    expect(given.headers.get('x-request-id')).toBe('req-7.a:b');
    for (const insane of ['a b', 'x'.repeat(129), '<script>']) {
      const made = await app.send('GET', '/nope', { headers: { 'x-request-id': insane } });
      expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('may not be cached or embedded', async ({ app }) => {
    for (const path of ['/health', '/nope', '/api/u/tasks']) {
      const { headers } = await app.send('GET', path);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-frame-options')).toBe('DENY');
    }
  });
});
