import { describe, expect } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';
import { startApp } from '../support/running-app.ts';

const it = itWithApp({ taskPage: true });

describe('the files of the task page', () => {
  it('are sent with a strict policy, compressed where possible, and are not sent again if they are fresh', async ({
    app,
  }) => {
    const page = await app.send('GET', '/app');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    const etag = page.headers.get('etag') ?? '';
    expect((await app.send('GET', '/app', { headers: { 'if-none-match': etag } })).status).toBe(304);
    const [, script = ''] = /src="(\/app\/assets\/[^"]+\.js)"/.exec(page.text) ?? [];
    const asset = await fetch(`${app.url}${script}`, { headers: { 'accept-encoding': 'gzip' } });
    expect(asset.status).toBe(200);
    expect(asset.headers.get('content-encoding')).toBe('gzip');
    expect(asset.headers.get('cache-control')).toContain('immutable');
    expect((await app.send('GET', '/app/assets/absent.js')).status).toBe(404);
  });

  it('are only read, and the start page links to them', async ({ app }) => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await app.send(method, '/app');
      expect(answer).toMatchObject({ status: 405, body: { error: 'method_not_allowed' } });
      expect(answer.headers.get('allow')).toBe('GET, HEAD');
    }
    expect((await app.send('HEAD', '/app')).status).toBe(200);
    expect((await app.send('GET', '/', { headers: { accept: 'text/html' } })).text).toContain('href="/app"');
    expect((await app.send('GET', '/')).body).toMatchObject({ app: '/app' });
  });

  it('are absent where users cannot sign in', async ({ onTestFinished }) => {
    const app = await startApp();
    onTestFinished(() => app.close());
    for (const method of ['GET', 'POST']) expect((await app.send(method, '/app')).status).toBe(404);
    expect((await app.send('GET', '/', { headers: { accept: 'text/html' } })).text).not.toContain('/app');
    expect((await app.send('GET', '/')).body).not.toHaveProperty('app');
  });
});
