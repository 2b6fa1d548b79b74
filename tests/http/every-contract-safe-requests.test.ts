import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { PLACES } from '../support/contract-places.ts';
import { PAGE } from '../support/running-app.ts';

const ETAG = /^"[!-~]+"$/;

describe.each(PLACES)('$frontend.name at "$prefix"', ({ frontend, it, error, requestsTo }) => {
  const { taskIn, tasksIn } = frontend;
  const key = () => ({ 'idempotency-key': `"${randomUUID()}"` });

  it('creates a task once for an Idempotency-Key', async ({ signIn }) => {
    const { send, tasks } = signIn();
    const headers = key();
    const body = { title: 'Buy groceries', description: 'Milk' };
    const first = await send('POST', tasks, { body, headers });
    expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null]);
    const [again, spelled] = await Promise.all([
      send('POST', tasks, { body, headers }),
      send('POST', tasks, { body: { ...body, title: ' Buy groceries ', extra: 1 }, headers }),
    ]);
    for (const answer of [again, spelled]) {
      expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
      expect(answer.body).toEqual(first.body);
      expect(answer.headers.get('etag')).toBe(first.headers.get('etag'));
      expect(answer.headers.get('x-task-position')).toBe('1');
    }
    expect(tasksIn((await send('GET', tasks)).body)).toEqual([taskIn(first.body)]);
  });

  it('refuses an Idempotency-Key for another task with 422', async ({ signIn }) => {
    const { send, tasks } = signIn();
    const headers = key();
    await send('POST', tasks, { body: { title: 'Buy groceries' }, headers });
    for (const body of [{ title: 'Buy milk' }, { title: 'Buy groceries', description: '' }]) {
      expect(await send('POST', tasks, { body, headers })).toMatchObject(error(422, 'idempotency_key_reused'));
    }
    expect(tasksIn((await send('GET', tasks)).body)).toHaveLength(1);
  });

  it('uses up no Idempotency-Key for a request that it refuses', async ({ signIn }) => {
    const { send, tasks } = signIn();
    const headers = key();
    expect((await send('POST', tasks, { body: { title: '' }, headers })).status).toBe(frontend.invalid);
    const { status, headers: answered } = await send('POST', tasks, { body: { title: 'Buy milk' }, headers });
    expect([status, answered.get('idempotency-replayed')]).toEqual([201, null]);
  });

  it('takes any quoted key of 1 to 255 characters, and refuses others with 400', async ({ signIn }) => {
    const { send, tasks } = signIn();
    const sent = (value: string) =>
      send('POST', tasks, { body: { title: value.slice(0, 9) }, headers: { 'idempotency-key': value } });
    for (const value of ['"1"', `"${'x'.repeat(255)}"`, '"a \\"b\\" \\\\"', '"~!@#$%^&*()"']) {
      expect((await sent(value)).status).toBe(201);
    }
    for (const value of [
      'x',
      '""',
      `"${'x'.repeat(256)}"`,
      '"a',
      'a"',
      '"a"b"',
      '"a", "b"',
      '"a\\b"',
      '"\u00e9"',
      '',
    ]) {
      expect(await sent(value), value).toMatchObject(
        error(400, 'invalid_header', expect.stringContaining('Idempotency-Key')),
      );
    }
    expect(tasksIn((await send('GET', tasks)).body)).toHaveLength(4);
  });

  it('has a strong ETag on every response with a task, which changes with the task', async ({ signIn }) => {
    const { send, tasks } = signIn();
    const created = await send('POST', tasks, { body: { title: 'Buy groceries' } });
    const one = `${tasks}/${taskIn(created.body).id}`;
    const etag = created.headers.get('etag');
    expect(etag).toMatch(ETAG);
    expect((await send('GET', one)).headers.get('etag')).toBe(etag);
    const seen = new Set([etag]);
    let position = 1;
    for (const [method, path, options] of requestsTo(one).filter(([method]) => method !== 'GET')) {
      const { status, headers } = await send(method, path, options);
      position += 1;
      expect(headers.get('x-task-position'), `${method} ${path}: ${status}`).toBe(String(position));
      if (method === 'DELETE') expect(headers.get('etag')).toBeNull();
      else {
        expect(headers.get('etag')).toMatch(ETAG);
        expect(seen.has(headers.get('etag'))).toBe(false);
        seen.add(headers.get('etag'));
        expect((await send('GET', one)).headers.get('etag')).toBe(headers.get('etag'));
      }
    }
  });

  it('answers 304 without a body if the client has the task or the list', async ({ signIn }) => {
    const { send, tasks, create } = signIn();
    const one = `${tasks}/${(await create()).id}`;
    for (const path of [one, tasks]) {
      const etag = (await send('GET', path)).headers.get('etag')!;
      expect(etag).toMatch(ETAG);
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`, `"x" ,, W/${etag} `, '*']) {
        const answer = await send('GET', path, { headers: { 'if-none-match': known } });
        expect([answer.status, answer.text, answer.headers.get('etag')], known).toEqual([304, '', etag]);
      }
      expect((await send('GET', path, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
      await send('PUT', one, { body: frontend.put('Buy milk') });
      const changed = await send('GET', path, { headers: { 'if-none-match': etag } });
      expect(changed.status).toBe(200);
      expect(changed.text).toContain('Buy milk');
    }
  });

  it('has another ETag for the list after every write, and for the empty list', async ({ signIn }) => {
    const { send, tasks, create } = signIn();
    const etag = async () => (await send('GET', tasks)).headers.get('etag');
    const seen = [await etag()];
    const { id } = await create();
    seen.push(await etag());
    for (const [method, path, options] of requestsTo(`${tasks}/${id}`).filter(([method]) => method !== 'GET')) {
      await send(method, path, options);
      seen.push(await etag());
    }
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('writes only if If-Match names the present state, and otherwise answers 412', async ({ signIn }) => {
    const { send, tasks } = signIn();
    const { body, headers: created } = await send('POST', tasks, { body: { title: 'Buy groceries' } });
    const one = `${tasks}/${taskIn(body).id}`;
    const stale = created.get('etag')!;
    let etag = (await send('PUT', one, { body: frontend.put('Buy milk') })).headers.get('etag')!;
    const before = (await send('GET', one)).text;
    const writes = requestsTo(one).filter(([method]) => method !== 'GET');
    for (const [method, path, options] of writes) {
      for (const wrong of [stale, `W/${etag}`, '"x"', `${stale}, "x"`]) {
        const refused = await send(method, path, { ...options, headers: { 'if-match': wrong } });
        expect(refused, `${method} ${path} ${wrong}`).toMatchObject(error(412, 'precondition_failed'));
      }
    }
    expect((await send('GET', one)).text).toBe(before);
    for (const [method, path, options] of writes) {
      const headers = { 'if-match': method === 'PUT' ? '*' : `${stale}, ${etag}` };
      const answer = await send(method, path, { ...options, headers });
      expect(answer.status, `${method} ${path}`).toBeLessThan(300);
      etag = answer.headers.get('etag') ?? etag;
    }
  });

  it('refuses a malformed If-Match or If-None-Match with 400, and writes nothing', async ({ signIn }) => {
    const { send, tasks, create } = signIn();
    const one = `${tasks}/${(await create()).id}`;
    const before = (await send('GET', one)).text;
    for (const value of ['x', '"x', 'W/x', '"a" "b"', '*, "x"', '', ' ', 'w/"x"', '"a\tb"']) {
      for (const [method, path, options] of requestsTo(one)) {
        const name = method === 'GET' ? 'If-None-Match' : 'If-Match';
        const answer = await send(method, path, { ...options, headers: { [name]: value } });
        expect(answer, `${method} ${value}`).toMatchObject(error(400, 'invalid_header', expect.stringContaining(name)));
      }
    }
    expect((await send('GET', one)).text).toBe(before);
  });

  it('answers 404, whatever If-Match says, for a task of another user', async ({ signIn }) => {
    const [ann, bob] = [signIn(), signIn()];
    const { body, headers } = await ann.send('POST', ann.tasks, { body: { title: 'Buy groceries' } });
    for (const value of [headers.get('etag')!, '*', '"x"']) {
      for (const [method, path, options] of requestsTo(`${bob.tasks}/${taskIn(body).id}`)) {
        const answer = await bob.send(method, path, { ...options, headers: { 'if-match': value } });
        expect(answer.status, `${method} ${value}`).toBe(404);
      }
    }
  });

  it('lets pages read the headers', async ({ signIn }) => {
    const { send, tasks } = signIn();
    const { headers } = await send('POST', tasks, { body: { title: 'Buy groceries' }, headers: { origin: PAGE } });
    const exposed = headers.get('access-control-expose-headers')?.toLowerCase().split(/, ?/);
    expect(exposed).toEqual(expect.arrayContaining(['etag', 'x-task-position', 'idempotency-replayed']));
  });
});
