import { describe, expect, onTestFinished } from 'vitest';
import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresSchema } from '../../infrastructure/postgres/migrations/postgres-schema.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';
import { SECRET } from '../support/running-app.ts';
import { serving } from '../support/serving.ts';
import { createTestDatabase } from '../support/test-database.ts';

const it = itWithDatabase();

function schemaOf(url: string): PostgresSchema {
  const database = new PostgresDatabase({ url, poolSize: 1, prepare: true, timeout: 10_000 });
  onTestFinished(() => database.close());
  return new PostgresSchema(database);
}

describe('the schema, as requests see it,', () => {
  it('is current, older, newer, or unknown to a role without the right', async () => {
    const test = await createTestDatabase();
    onTestFinished(() => test.drop());
    const schema = schemaOf(test.url);
    expect(await schema.state()).toBe('current');
    await test.query(`insert into taskwell_migrations (name, run_on) values ('9999_later', now())`);
    expect(await schema.state()).toBe('newer');
    await test.query(`delete from taskwell_migrations where name like '0001%'`);
    expect(await schema.state()).toBe('older');
    await test.query(`create role unread_${process.pid} login password 'unread'`);
    const url = Object.assign(new URL(test.url), { username: `unread_${process.pid}`, password: 'unread' });
    expect(await schemaOf(url.href).state()).toBe('unknown');
    await test.query(`drop role unread_${process.pid}`);
  });

  it('is older than anything where there is none', async () => {
    const bare = await createTestDatabase({ bare: true });
    onTestFinished(() => bare.drop());
    expect(await schemaOf(bare.url).state()).toBe('older');
  });
});

describe('a server whose schema is newer', () => {
  it('says so in the log at its start and at /ready, and serves', async () => {
    const test = await createTestDatabase();
    onTestFinished(() => test.drop());
    await test.query(`insert into taskwell_migrations (name, run_on) values ('9999_later', now())`);
    const server = await serving({ DATABASE_URL: test.url, BETTER_AUTH_SECRET: SECRET });
    onTestFinished(() => server.stop());
    const note = 'the schema is newer than this version of Taskwell: finish the upgrade of all instances';
    expect(server.log()).toContain(note);
    expect(await server.send('GET', '/ready')).toMatchObject({ status: 200, body: { status: 'ready', note } });
  });
});

describe('a running server', () => {
  it('is ready, and says so when its schema is taken away', async ({ database }) => {
    const server = await serving({ ...database.settings, BETTER_AUTH_SECRET: SECRET });
    onTestFinished(() => server.stop());
    expect(await server.send('GET', '/ready')).toMatchObject({ status: 200, body: { status: 'ready' } });
    await database.query('alter table taskwell_migrations rename to elsewhere');
    await expect
      .poll(async () => (await server.send('GET', '/ready')).body)
      .toMatchObject({ status: 'not_ready', reason: expect.stringContaining('run taskwell migrate') });
    expect(server.log()).toContain('"msg":"not ready"');
    expect((await server.send('GET', '/health')).status).toBe(200);
  });
});
