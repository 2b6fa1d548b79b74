import { describe, expect } from 'vitest';
import { readServingAccess } from '../../infrastructure/postgres/migrations/serving-access.ts';
import { prepareServingRole, servingRoleSql } from '../../infrastructure/postgres/migrations/serving-role.ts';
import { itWithDatabasePerTest } from '../support/database-fixtures.ts';
import { SECRET, tokenFor } from '../support/running-app.ts';
import { serving } from '../support/serving.ts';

/**
 * - `role`: the name of a role that does not exist yet; it is dropped after the test
 * - `as`: the connection string of a role
 * - `serve`: starts a server on the database, signed in as the serving role of the tests
 */
const it = itWithDatabasePerTest()
  .extend('role', async ({ database }, { onCleanup }) => {
    const role = `role "${crypto.randomUUID()}"`;
    onCleanup(async () => {
      const { rowCount } = await database.query('select from pg_roles where rolname = $1', [role]);
      if (rowCount === 0) return;
      const name = `"${role.replaceAll('"', '""')}"`;
      await database.query(`drop owned by ${name}; drop role ${name}`);
    });
    return role;
  })
  .extend('as', ({ database }) => (username: string, password = 'p@ss:word/') => {
    const url = new URL(database.ownerUrl);
    return Object.assign(url, { username: encodeURIComponent(username), password: encodeURIComponent(password) }).href;
  })
  .extend('serve', ({ onTestFinished }) => async (settings: Readonly<Record<string, string>>) => {
    const server = await serving({ BETTER_AUTH_SECRET: SECRET, RATE_LIMIT: 'off', ...settings });
    onTestFinished(() => server.stop());
    return server;
  });

const quoted = (role: string) => `"${role.replaceAll('"', '""')}"`;

describe('the role of the server', () => {
  it('is made by the migrations, several times at once, and bound by row-level security', async ({
    database,
    role,
    as,
  }) => {
    await Promise.all(Array.from({ length: 6 }, () => prepareServingRole(database.ownerUrl, as(role))));
    await prepareServingRole(database.ownerUrl, as(role));
    expect(await readServingAccess(as(role))).toEqual({
      role,
      rowSecurity: 'enforced',
      distribution: 'none',
      missingGrants: [],
      missingTables: [],
      unsuitableSettings: {},
    });
  });

  it('can be made by an administrator with the printed SQL', async ({ database, role, as }) => {
    await database.query(await servingRoleSql(database.ownerUrl, role));
    expect(await readServingAccess(as(role, 'change-me'))).toMatchObject({
      rowSecurity: 'enforced',
      missingGrants: [],
    });
  });

  it('is refused in words where the owner may not create roles', async ({ database, role, as }) => {
    await database.query(`create role ${quoted(role)} login password 'p@ss:word/'`);
    const preparing = prepareServingRole(as(role), as('taskwell_other'));
    await expect(preparing).rejects.toThrow(/"taskwell_other".*permission denied.*taskwell migrate --roles/s);
  });

  it('serves without a right on the table of migrations', async ({ database, role, as, serve }) => {
    await prepareServingRole(database.ownerUrl, as(role));
    await database.query(`revoke all on taskwell_migrations from ${quoted(role)}`);
    const server = await serve({ DATABASE_URL: as(role) });
    const created = await server.sendAs(tokenFor('ann'))('POST', '/api/ann/tasks', { body: { title: 'Milk' } });
    expect(created.status).toBe(201);
    expect((await server.send('GET', '/ready')).status).toBe(200);
    expect(server.log()).not.toContain('row-level security');
  });

  it('is told the missing rights as GRANT statements', async ({ database, role, as, serve }) => {
    await prepareServingRole(database.ownerUrl, as(role));
    await database.query(`revoke insert, delete on tasks from ${quoted(role)}`);
    const grant = `grant insert, delete on public.tasks to ${quoted(role)};`;
    await expect(serve({ DATABASE_URL: as(role) })).rejects.toThrow(grant);
    await database.query(grant);
    expect((await readServingAccess(as(role))).missingGrants).toEqual([]);
  });
});

describe('the role of a server with accounts', () => {
  const SIGN_IN = { SIGN_IN: 'on', SIGN_IN_SECRET: SECRET, PUBLIC_URL: 'https://tasks.example.com' };
  const MIGRATION_LOCK = "select pg_advisory_xact_lock((x'7461736b'::bigint << 32) + x'77656c6c'::bigint)";

  it('starts without the owner once the owner has migrated, while another session migrates', async ({
    database,
    role,
    as,
    serve,
  }) => {
    await prepareServingRole(database.ownerUrl, as(role));
    const settings = { ...SIGN_IN, DATABASE_URL: as(role), BETTER_AUTH_SECRET: '' };
    await expect(serve(settings)).rejects.toThrow(/cannot be created in the schema auth.*MIGRATION_DATABASE_URL/);
    await (await serve({ ...settings, MIGRATION_DATABASE_URL: database.ownerUrl })).stop();

    const migrating = await database.holding(MIGRATION_LOCK);
    try {
      const server = await serve(settings);
      const body = { email: 'ann@example.com', password: 'correct horse battery staple', name: 'Ann' };
      const headers = { 'content-type': 'application/json' };
      const signedUp = await server.send('POST', '/contracts/003-backend-api/auth/register', { body, headers });
      expect(signedUp.status).toBe(201);
    } finally {
      await migrating.end();
    }
  });

  it('is told how to link tasks to accounts if it may not', async ({ database, role, as, serve }) => {
    await prepareServingRole(database.ownerUrl, as(role));
    const settings = { ...SIGN_IN, DATABASE_URL: as(role) };
    await (await serve({ ...settings, MIGRATION_DATABASE_URL: database.ownerUrl })).stop();
    const remedy = `run taskwell link-users --table 'auth."user"'`;
    await expect(serve({ ...settings, BETTER_AUTH_SECRET: '' })).rejects.toThrow(remedy);
  });

  it('is told the missing rights as GRANT statements', async ({ database, role, as, serve }) => {
    await prepareServingRole(database.ownerUrl, as(role));
    const settings = { ...SIGN_IN, DATABASE_URL: as(role) };
    await (await serve({ ...settings, MIGRATION_DATABASE_URL: database.ownerUrl })).stop();
    await database.query(`revoke all on all tables in schema auth from ${quoted(role)}`);
    await database.query(`revoke all on schema auth from ${quoted(role)}`);
    const refusal = await serve(settings).catch(String);
    const grants = [...String(refusal).matchAll(/^ {2}(grant .*);$/gm)].map(([, grant = '']) => grant);
    expect(grants).toContain(`grant usage on schema auth to ${quoted(role)}`);
    expect(grants).toContain(`grant select, insert, update, delete on auth."user" to ${quoted(role)}`);
    for (const grant of grants) await database.query(grant);
    await serve(settings);
  });
});

describe('a session whose settings differ', () => {
  it('gets the same answers', async ({ database, role, as, serve }) => {
    await prepareServingRole(database.ownerUrl, as(role));
    const settings = [
      'DateStyle = SQL, DMY',
      "TimeZone = 'Asia/Kolkata'",
      'extra_float_digits = -15',
      'IntervalStyle = iso_8601',
      'bytea_output = escape',
      'standard_conforming_strings = off',
      'client_encoding = latin1',
    ];
    for (const setting of settings) await database.query(`alter role ${quoted(role)} set ${setting}`);
    const server = await serve({ DATABASE_URL: as(role), MIGRATION_DATABASE_URL: database.ownerUrl });
    const send = server.sendAs(tokenFor('änn'));
    const user = encodeURIComponent('änn');
    const created = await send('POST', `/api/${user}/tasks`, { body: { title: 'Mülk 🛒 \\' } });
    expect(created.status).toBe(201);
    const { rows } = await database.query(
      `select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as utc from tasks`,
    );
    expect(created.body).toMatchObject({ title: 'Mülk 🛒 \\', created_at: rows[0].utc });
    expect((await send('GET', `/api/${user}/tasks`)).body.tasks).toEqual([created.body]);
    expect(rows).toHaveLength(1);
  });

  it.for(['row_security = off', 'default_transaction_read_only = on', 'default_transaction_isolation = serializable'])(
    'is refused in words with %s',
    async (setting, { database, role, as, serve }) => {
      await prepareServingRole(database.ownerUrl, as(role));
      await database.query(`alter role ${quoted(role)} set ${setting}`);
      const [name = ''] = setting.split(' ');
      await expect(serve({ DATABASE_URL: as(role), MIGRATION_DATABASE_URL: database.ownerUrl })).rejects.toThrow(
        `have ${setting}, and requests would fail: run alter role "${role}" reset ${name}`,
      );
    },
  );
});

describe('a database whose encoding is not UTF-8', () => {
  it('is refused in words', async ({ database, serve }) => {
    const name = `latin_${crypto.randomUUID().slice(0, 8)}`;
    await database.query(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
    try {
      const url = Object.assign(new URL(database.ownerUrl), { pathname: `/${name}` }).href;
      await expect(serve({ DATABASE_URL: url })).rejects.toThrow(
        "has the encoding LATIN1, and Taskwell needs UTF8: create it with encoding 'UTF8'",
      );
    } finally {
      await database.query(`drop database ${name} with (force)`);
    }
  });
});

describe('a server whose role row-level security does not bind', () => {
  it('warns if it is a superuser, and starts', async ({ database, serve }) => {
    const server = await serve({ DATABASE_URL: database.ownerUrl });
    expect(server.log()).toMatch(
      /"level":"warn".*"role":"postgres","reason":"it is a superuser.*does not bind the role/,
    );
  });

  it.for<[why: string, attribute: string, reason: RegExp]>([
    ['has BYPASSRLS', 'bypassrls', /BYPASSRLS/],
    ['is a member of the owner', 'in role owner_of_tables', /member of their owner/],
  ])('refuses with ROW_SECURITY=required if it %s', async ([, attribute, reason], { database, role, as, serve }) => {
    const owner = `owner_of_${role.slice(6, 12)}`;
    await database.query(`create role ${owner}`);
    await database.query(`grant create on schema public to ${owner}`);
    await database.query(`alter table tasks owner to ${owner}; alter table task_counters owner to ${owner}`);
    try {
      await database.query(
        `create role ${quoted(role)} login password 'p@ss:word/' ${attribute.replace('owner_of_tables', owner)}`,
      );
      await prepareServingRole(database.ownerUrl, as(role));
      const settings = { DATABASE_URL: as(role), ROW_SECURITY: 'required' };
      await expect(serve(settings)).rejects.toThrow(reason);
      expect((await serve({ ...settings, ROW_SECURITY: 'optional' })).log()).toMatch(reason);
    } finally {
      await database.query(`drop owned by ${owner} cascade; drop role ${owner}`);
    }
  });
});
