import { describe, expect } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';

const it = itWithApp();

describe('the log', () => {
  it('has a line for each response with its route and user, without tokens, secrets or content', async ({
    startApp,
  }) => {
    const app = await startApp();
    const send = app.as('ann');
    await send('POST', '/api/ann/tasks', {
      body: { title: 'a surprise party', description: 'for Bob' },
      headers: { 'x-request-id': 'r1' },
    });
    await send('POST', '/api/ann/tasks', { body: '{"title": "a surprise', headers: { 'x-request-id': 'r2' } });
    await send('GET', '/api/ann/tasks?status=surprise', { headers: { 'x-request-id': 'r3' } });
    await app.close();
    const lines = app.logged.map((line) => JSON.parse(line));
    expect(lines.find(({ request_id }) => request_id === 'r1')).toMatchObject({
      level: 'info',
      method: 'POST',
      route: '/api/:user_id/tasks',
      status: 201,
      duration_ms: expect.any(Number),
      user_id: 'ann',
    });
    expect(lines.map(({ status }) => status)).toEqual([201, 400, 400]);
    expect(app.logged.join('')).not.toMatch(/surprise|Bob|Bearer|eyJ/);
  });
});
