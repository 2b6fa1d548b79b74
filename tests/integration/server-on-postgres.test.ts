import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pino } from 'pino';
import { describe, expect } from 'vitest';
import { readConfiguration } from '../../interfaces/composition/configuration/configuration.ts';
import { createContainer, Ports } from '../../interfaces/composition/container.ts';
import { HttpServer } from '../../interfaces/http/server/http-server.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';
import { usesPooler } from '../support/pooler-for-tests.ts';
import { type Answer, SECRET, sender, tokenFor } from '../support/running-app.ts';

/**
 * - `createContainer` binds a server to a database; `unbindAllAsync` runs after the test
 * - `serve` runs the whole server on a database, and returns a function that sends requests as a user
 */
const it = itWithDatabase()
  .extend('createContainer', ({ onTestFinished }) => (databaseUrl: string, settings: Record<string, string> = {}) => {
    const defaults = { DATABASE_PREPARE: usesPooler ? 'off' : 'on', BETTER_AUTH_SECRET: SECRET };
    const configuration = readConfiguration({ DATABASE_URL: databaseUrl, ...defaults, ...settings });
    const container = createContainer({ ...configuration, databaseUrl, secret: SECRET }, pino({ level: 'silent' }));
    onTestFinished(() => container.unbindAllAsync());
    return container;
  })
  .extend(
    'serve',
    ({ createContainer, onTestFinished }) =>
      async (databaseUrl: string, settings: Record<string, string> = {}) => {
        const app = createContainer(databaseUrl, settings).get(Ports.App);
        const server = await HttpServer.listen(app, { host: '127.0.0.1', port: 0 });
        onTestFinished(() => server.close(0));
        const send = sender(server.url);
        return (user: string, method: string, path: string, body?: unknown): Promise<Answer> =>
          send(method, path, {
            body,
            headers: { authorization: `Bearer ${tokenFor(user)}`, 'content-type': 'application/json' },
          });
      },
  );

describe('the container', () => {
  it('resolves every port', ({ database, createContainer }) => {
    const container = createContainer(database.settings.DATABASE_URL);
    for (const [name, port] of Object.entries(Ports)) expect(() => container.get<unknown>(port), name).not.toThrow();
  });

  it('creates one instance of each port', ({ database, createContainer }) => {
    const container = createContainer(database.settings.DATABASE_URL);
    expect(container.get(Ports.TaskRepository)).toBe(container.get(Ports.TaskRepository));
  });
});

describe('the server on PostgreSQL', () => {
  it('shares tasks between instances', async ({ database, serve }) => {
    const [one, two] = [await serve(database.settings.DATABASE_URL), await serve(database.settings.DATABASE_URL)];
    const { body: task } = await one('ann', 'POST', '/api/ann/tasks', { title: 'Buy groceries', description: '🛒' });
    expect(task).toMatchObject({ id: 1, title: 'Buy groceries', created_at: expect.stringMatching(/\.\d{6}Z$/) });
    expect((await two('ann', 'GET', '/api/ann/tasks')).body).toEqual({ tasks: [task], count: 1 });
    expect((await two('bob', 'GET', '/api/bob/tasks')).body).toEqual({ tasks: [], count: 0 });
    expect((await two('bob', 'GET', '/api/bob/tasks/1')).status).toBe(404);
  });

  it('stores any text, and treats injected SQL as text', async ({ database, serve }) => {
    const ask = await serve(database.settings.DATABASE_URL);
    const user = "o'brien'; drop table tasks; --";
    const path = `/api/${encodeURIComponent(user)}/tasks`;
    const title = `'); drop table tasks; -- "\\ $1 \u202e 日本語 🛒 \u0001`;
    expect((await ask(user, 'POST', path, { title, description: title })).body).toMatchObject({
      title,
      description: title,
      user_id: user,
    });
    expect((await ask(user, 'GET', `${path}?sort=title`)).body.count).toBe(1);
  });

  it('answers in UTC in any time zone of the session', async ({ database, serve }) => {
    const zoned = new URL(database.url);
    zoned.searchParams.set('options', '-c TimeZone=Asia/Kolkata');
    const ask = await serve(zoned.href);
    const { body } = await ask('zoned', 'POST', '/api/zoned/tasks', { title: 'Buy groceries' });
    const { rows } = await database.query(
      `select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as utc from tasks where user_id = 'zoned'`,
    );
    expect(body.created_at).toBe(rows[0].utc);
  });

  it('works without prepared statements, as old poolers require', async ({ database, serve }) => {
    const ask = await serve(database.settings.DATABASE_URL, { DATABASE_PREPARE: 'off' });
    expect((await ask('plain', 'POST', '/api/plain/tasks', { title: 'Buy groceries' })).status).toBe(201);
    expect((await ask('plain', 'PATCH', '/api/plain/tasks/1/complete')).body.completed).toBe(true);
  });
});

describe('a pooler that forgets prepared statements', () => {
  it('is reported with the setting to change', async ({ connect, skip }) => {
    skip(usesPooler, 'statements are not prepared');
    const connection = connect({ poolSize: 1 });
    await connection.run({ name: 'one', text: 'select 1' }, []);
    await connection.run({ name: 'forget', text: 'deallocate one' }, []);
    await expect(connection.run({ name: 'one', text: 'select 1' }, [])).rejects.toThrow('set DATABASE_PREPARE=off');
  });
});

describe('a failing database', () => {
  it('makes the server answer 503 while it is unreachable, and no longer', async ({
    database,
    serve,
    onTestFinished,
  }) => {
    const wire = await Wire.before(database.settings.DATABASE_URL);
    onTestFinished(() => wire.stop());
    const ask = await serve(wire.url);
    expect((await ask('ann', 'GET', '/api/ann/tasks')).status).toBe(200);
    await wire.stop();
    const answer = await ask('ann', 'GET', '/api/ann/tasks');
    expect(answer).toMatchObject({ status: 503, body: { error: 'service_unavailable' } });
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(answer.text).not.toMatch(/ECONN|127\.0\.0\.1|postgres/i);
    await wire.start();
    await expect.poll(async () => (await ask('ann', 'GET', '/api/ann/tasks')).status).toBe(200);
  });

  it('fails one request at most when it ends its sessions', async ({ database, serve }) => {
    const ask = await serve(database.settings.DATABASE_URL);
    await ask('ann', 'GET', '/api/ann/tasks');
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'taskwell' and datname = current_database()`,
    );
    const statuses = [];
    for (let request = 0; request < 3; request += 1) statuses.push((await ask('ann', 'GET', '/api/ann/tasks')).status);
    expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
    expect(statuses.at(-1)).toBe(200);
  });

  it('makes the server answer 503 when it has no connection left', async ({ database, serve }) => {
    const role = `busy_${randomBytes(4).toString('hex')}`;
    await database.query(`create role ${role} login password 'busy' connection limit 0`);
    await database.query(`grant all on tasks, task_counters to ${role}`);
    const url = Object.assign(new URL(database.url), { username: role, password: 'busy' });
    const answer = await (await serve(url.href))('ann', 'GET', '/api/ann/tasks');
    await database.query(`drop owned by ${role}`);
    await database.query(`drop role ${role}`);
    expect(answer.status).toBe(503);
  });

  it('makes the server answer 503 without details when it lacks tables', async ({ serve, createDatabase }) => {
    const bare = await createDatabase({ bare: true });
    const answer = await (await serve(bare.url))('ann', 'GET', '/api/ann/tasks');
    expect(answer).toMatchObject({ status: 503, body: { error: 'service_unavailable' } });
    expect(answer.text).not.toMatch(/relation|tasks/);
  });
});

/** Stands between the server and the database, and can go away and come back on the same port. */
class Wire {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly target: URL,
    private port: number,
  ) {}

  static async before(url: string): Promise<Wire> {
    const wire = new Wire(new URL(url), 0);
    await wire.start();
    return wire;
  }

  get url(): string {
    return Object.assign(new URL(this.target), { host: `127.0.0.1:${this.port}` }).href;
  }

  async start(): Promise<void> {
    this.server = createServer((client) => {
      const upstream = connect(Number(this.target.port || 5432), this.target.hostname);
      for (const [from, to] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.sockets.add(from);
        from
          .on('error', () => to.destroy())
          .on('close', () => to.destroy())
          .pipe(to);
      }
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as { port: number }).port;
  }

  async stop(): Promise<void> {
    if (this.server === undefined) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    await closed;
  }
}
