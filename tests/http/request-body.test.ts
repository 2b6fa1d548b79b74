import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
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

  it.for([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (bytes: Buffer) => bytes],
  ] as const)(
    'with a byte that no UTF-8 has is refused under the coding %s, too',
    async ([coding, encode], { post }) => {
      const body = (title: string) => encode(Buffer.from(`{"title":"${title}"}`, 'latin1'));
      const headers = { 'content-encoding': coding };
      expect(await post(body('x\xff'), headers)).toMatchObject({
        status: 400,
        body: { detail: 'The body must be UTF-8' },
      });
      expect((await post(body('x'), headers)).status).toBe(201);
      expect((await post(encode(Buffer.from('{"title":"\ufffd"}')), headers)).status).toBe(201);
    },
  );

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

  it.for([
    'application/json; charset=utf-8',
    'Application/JSON',
    'application/json ; Charset="UTF-8"',
    'APPLICATION/JSON;CHARSET=Utf-8',
    'application/json\t;\tcharset=utf8 ',
    'application/json;',
    'application/json;; charset=utf-8',
    'application/json; charset="utf\\-8"',
    'application/json; profile="a; charset=latin1"; charset=utf-8',
    'application/json; profile="\\"; charset=latin1"',
    'application/json; odata.metadata=minimal; IEEE754Compatible=true',
  ])('of the type %j is read', async (type, { post }) => {
    expect((await post('{"title":"x"}', { 'content-type': type })).status).toBe(201);
  });

  it.for([
    'application/json; Charset="ISO-8859-1"',
    'application/json; charset=utf-8; charset=latin1',
    'application/jsonp',
    'application/json, application/json',
    'application json',
    'json',
    '"application/json"',
    'application/',
  ])('of the type %j gets 415', async (type, { post }) => {
    expect((await post('{"title":"x"}', { 'content-type': type })).status).toBe(415);
  });

  it.for([
    ['GZIP', gzipSync],
    ['x-gzip', gzipSync],
    ['X-GZip', gzipSync],
    [' gzip ,identity', gzipSync],
    ['gzip, identity', gzipSync],
    ['identity, gzip,', gzipSync],
    ['Deflate', deflateSync],
    ['BR', brotliCompressSync],
    ['Identity', String],
    ['identity,identity', String],
    ['', String],
  ] as const)('with the coding %j is read', async ([coding, encode], { post }) => {
    expect((await post(encode('{"title":"x"}'), { 'content-encoding': coding })).status).toBe(201);
  });

  it.for(['gzip, gzip', 'gzip, br', 'zstd', 'gzip;q=1', 'g zip', 'constructor', '*'])(
    'with the coding %j gets 415',
    async (coding, { post }) => {
      expect(await post(gzipSync('{"title":"x"}'), { 'content-encoding': coding })).toMatchObject({
        status: 415,
        body: { detail: 'The Content-Encoding of the body is not supported' },
      });
    },
  );

  it('that is compressed and breaks off does not keep its place among the requests under way', async ({
    user,
    startApp,
  }) => {
    const app = await startApp();
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    await once(socket, 'connect');
    const head = `POST /api/${user}/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenFor(user)}\r\n`;
    socket.write(`${head}Content-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n`);
    socket.write(gzipSync('{"title":"x"}').subarray(0, 12), () => socket.destroy());
    await expect.poll(() => app.logged.some((line) => line.includes('"msg":"request"'))).toBe(true);
  });

  it('that is compressed and too long leaves the connection usable', async ({ app, user }) => {
    const long = gzipSync(`{"title":"${randomBytes(2 * 1024 * 1024).toString('hex')}"}`);
    const head = `Host: x\r\nAuthorization: Bearer ${tokenFor(user)}\r\n`;
    const post = `POST /api/${user}/tasks HTTP/1.1\r\n${head}Content-Encoding: gzip\r\nContent-Length: ${long.length}\r\n\r\n`;
    const get = `GET /api/${user}/tasks HTTP/1.1\r\n${head}Connection: Close\r\n\r\n`;
    const answers = await sendRaw(app.url, Buffer.concat([Buffer.from(post), long, Buffer.from(get)]));
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
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
