import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { itWithCommandLine as it } from '../support/command-line-fixtures.ts';
import { sender } from '../support/running-app.ts';

const SEED = ['seed', '--user', 'ann'];
const TITLES = 'select title, description, completed from tasks where user_id = $1 order by number';

describe('taskwell seed', () => {
  it('creates varied tasks for one user, the same each time, and says what to do next', async ({ database, run }) => {
    expect(await run(SEED)).toEqual({
      code: 0,
      out:
        'Created 25 demo tasks for ann, 8 of them completed\n' +
        'To see them, call the API with the token of: taskwell token --user ann\n' +
        'To delete everything that belongs to ann, run: taskwell erase-user ann\n',
      err: '',
    });
    await run(['seed', '--user', 'bob']);
    const { rows } = await database.query(TITLES, ['ann']);
    expect(rows).toHaveLength(25);
    expect(new Set(rows.map(({ title }) => title)).size).toBe(25);
    expect(rows.filter(({ completed }) => completed)).toHaveLength(8);
    expect(rows.some(({ description }) => description !== null)).toBe(true);
    expect(rows.some(({ description }) => description === null)).toBe(true);
    expect((await database.query(TITLES, ['bob'])).rows).toEqual(rows);
  });

  it('creates as many tasks as --tasks says, in addition to those that are there', async ({ database, run }) => {
    expect((await run([...SEED, '--tasks', '1'])).out).toMatch(/^Created 1 demo task for ann, 0 of them completed\n/);
    await run([...SEED, '--tasks', '70']);
    const { rows } = await database.query(TITLES, ['ann']);
    expect(rows).toHaveLength(71);
    expect(new Set(rows.map(({ title }) => title)).size).toBe(70);
  });

  it('creates the tables first if there are none', async ({ createDatabase, run }) => {
    const { url, ownerUrl, query } = await createDatabase({ bare: true });
    const { code } = await run(SEED, { DATABASE_URL: url, MIGRATION_DATABASE_URL: ownerUrl });
    expect(code).toBe(0);
    expect((await query('select from tasks')).rowCount).toBe(25);
  });

  it('refuses in production', async ({ database, run }) => {
    const { code, out, err } = await run(SEED, { ENVIRONMENT: 'production' });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^Demo tasks .* production: set ENVIRONMENT to dev or staging\n$/);
    expect((await database.query('select from tasks')).rowCount).toBe(0);
  });

  it('refuses an unknown user in one sentence where tasks are linked to users', async ({ database, run }) => {
    await database.query(`create table "user" (id text primary key)`);
    await database.query(`insert into "user" values ('ann')`);
    expect((await run(['link-users'])).code).toBe(0);
    const { code, out, err } = await run(['seed', '--user', 'bob']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^There is no user with the id bob, .*: sign up first, .*\n$/);
    expect((await run(SEED)).code).toBe(0);
    expect((await database.query('select from tasks')).rowCount).toBe(25);
  });

  it('finds the account of an e-mail address where the server signs users in', async ({ database, run }) => {
    const settings = { SIGN_IN: 'on' };
    const unknown = await run(['seed', '--user', 'ann@example.com'], settings);
    expect(unknown.code).toBe(1);
    expect(unknown.err).toMatch(/^No account has the e-mail address ann@example\.com: sign up .*\/app.*\n$/);
    await database.query(
      `insert into auth."user" (id, name, email, "emailVerified") values ('id-of-ann', 'Ann', 'ann@example.com', false)`,
    );
    const { code, out } = await run(['seed', '--user', 'Ann@example.com'], settings);
    expect(code).toBe(0);
    expect(out).toContain('sign in at /app with this address');
    expect((await database.query(TITLES, ['id-of-ann'])).rowCount).toBe(25);
  });
});

describe('on the embedded database', () => {
  const embedded = { DATABASE_URL: '', MIGRATION_DATABASE_URL: '' };

  it('commands work while a server runs, and without one', async ({ dataDir, start, run }) => {
    const before = await run(SEED, embedded);
    expect(before).toMatchObject({ code: 0, err: '' });
    expect(existsSync(join(dataDir, 'postgres/postmaster.pid'))).toBe(false);

    const { exitCode, signals, said } = start([], embedded);
    const [, url] = await said(/is ready at (\S+)/);
    expect(await run(SEED, embedded)).toMatchObject({ code: 0, err: '' });
    expect(await run(['check'], embedded)).toMatchObject({ code: 0, err: '' });
    const token = (await run(['token', '--user', 'ann'], embedded)).out.trim();
    const headers = { authorization: `Bearer ${token}` };
    const { body } = await sender(url ?? '')('GET', '/api/ann/tasks', { headers });
    expect(body.count).toBe(50);
    signals.emit('SIGTERM');
    expect(await exitCode).toBe(0);
    expect(existsSync(join(dataDir, 'postgres/postmaster.pid'))).toBe(false);
  });
});
