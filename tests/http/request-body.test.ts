import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';
import { sendRaw } from '../support/raw-request.ts';
import { tokenFor } from '../support/running-app.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** `post` sends a body to the list of the user's tasks. */
const it = itWithApp().extend(
  'post',
  ({ user, send }) =>
    (body: string | Uint8Array | undefined, headers: Record<string, string> = {}) =>
      send('POST', `/api/${user}/tasks`, { body, headers }),
);

describe('a body', () => {
  it.for([
    '{',
    '{"title": "x"',
    "{'title': 'x'}",
    'title=x',
    '"text"',
    '5',
    'true',
    'null',
    '[]',
    '[{"title":"x"}]',
    ' ',
  ])('that is not a JSON object gets 400: %s', async (body, { post }) => {
    expect(await post(body)).toMatchObject({
      status: 400,
      body: { error: 'invalid_json', detail: 'The body must be a JSON object' },
    });
  });

  it('that is missing is not invalid JSON', async ({ post }) => {
    expect(await post(undefined)).toMatchObject({
      status: 400,
      body: { error: 'validation_error', detail: 'title is required' },
    });
  });

  it.for(['GET', 'PATCH', 'DELETE'])(
    'is not needed by %s, whatever the content type is',
    async (method, { user, send }) => {
      await send('POST', `/api/${user}/tasks`, { body: { title: 'Buy groceries' } });
      const path = `/api/${user}/tasks/1${method === 'PATCH' ? '/complete' : ''}`;
      expect((await send(method, path, { headers: JSON_TYPE })).status).toBe(200);
      expect((await send(method, path, { headers: { 'content-length': '0' } })).status).toBe(
        method === 'DELETE' ? 404 : 200,
      );
    },
  );

  it.for(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml'])(
    'of the type %s gets 415',
    async (type, { post }) => {
      expect(await post('{"title":"x"}', { 'content-type': type })).toMatchObject({
        status: 415,
        body: { error: 'unsupported_media_type', detail: expect.stringContaining('application/json') },
      });
    },
  );

  it.for([
    ['a byte that no UTF-8 has', Buffer.from([0xff])],
    ['a character that is cut off', Buffer.from('🛒').subarray(0, 3)],
    ['Latin-1', Buffer.from('é', 'latin1')],
  ] as const)('with %s is refused, not repaired', async ([_, bytes], { post }) => {
    const body = Buffer.concat([Buffer.from('{"title":"x'), bytes, Buffer.from('"}')]);
    expect(await post(body)).toMatchObject({
      status: 400,
      body: { error: 'invalid_json', detail: 'The body must be UTF-8' },
    });
  });

  it('may contain U+FFFD itself', async ({ post }) => {
    expect(await post('{"title":"\ufffd"}')).toMatchObject({ status: 201, body: { title: '\ufffd' } });
  });

  it.for(['iso-8859-1', 'utf-16', 'klingon'])('in the charset %s gets 415', async (charset, { post }) => {
    expect((await post('{"title":"x"}', { 'content-type': `application/json; charset=${charset}` })).status).toBe(415);
  });

  it('of no length and no type counts as missing', async ({ app }) => {
    const authorization = `Authorization: Bearer ${tokenFor('chunked')}`;
    const create = await sendRaw(
      app.url,
      `POST /api/chunked/tasks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${authorization}\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"title":"x"}`,
    );
    expect(create).toMatch(/^HTTP\/1\.1 201 /);
    const toggle = await sendRaw(
      app.url,
      `PATCH /api/chunked/tasks/1/complete HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${authorization}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    );
    expect(toggle).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('may declare its charset', async ({ post }) => {
    expect((await post('{"title":"x"}', { 'content-type': 'application/json; charset=utf-8' })).status).toBe(201);
  });

  it('of 1 MiB is accepted, and one byte more gets 413', async ({ post }) => {
    const json = (size: number) => `{"title":"x","ignored":"${'x'.repeat(size - 26)}"}`;
    expect(json(1024 * 1024)).toHaveLength(1024 * 1024);
    expect((await post(json(1024 * 1024))).status).toBe(201);
    expect(await post(json(1024 * 1024 + 1))).toMatchObject({
      status: 413,
      body: { error: 'payload_too_large', detail: 'The body must be at most 1 MiB' },
    });
  });

  it('is measured after decompression', async ({ post }) => {
    const gzip = { 'content-encoding': 'gzip' };
    expect((await post(gzipSync('{"title":"x"}'), gzip)).status).toBe(201);
    expect((await post(gzipSync(`{"title":"${'x'.repeat(2 * 1024 * 1024)}"}`), gzip)).status).toBe(413);
    expect((await post('not gzip', gzip)).status).toBe(400);
    expect((await post('{"title":"x"}', { 'content-encoding': 'zstd' })).status).toBe(415);
  });

  it('cannot change a prototype', async ({ post }) => {
    const { status, body } = await post(
      '{"title":"x","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    );
    expect(status).toBe(201);
    expect(body.polluted).toBeUndefined();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('of deeply nested brackets is refused and does not stop the server', async ({ post }) => {
    expect((await post('['.repeat(500_000))).status).toBe(400);
    expect((await post(`{"title":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).status).toBe(400);
  });
});
