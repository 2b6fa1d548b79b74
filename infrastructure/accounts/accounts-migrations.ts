import { createRequire } from 'node:module';
import { join } from 'node:path';
import pg from 'pg';
import { connectionRole } from '../postgres/connection/connection-string.ts';
import { onDirectConnection } from '../postgres/connection/direct-connection.ts';
import { withMigrationLock } from '../postgres/migrations/migration-lock.ts';
import { SchemaChangeRefused } from '../postgres/migrations/schema-change-refused.ts';

/** The schema of Better Auth's tables. */
export const ACCOUNTS_SCHEMA = 'auth';

/** The table of users, for the link between tasks and users. */
export const USER_TABLE = `${ACCOUNTS_SCHEMA}."user"`;

const TABLES = ['user', 'session', 'account', 'verification', 'jwks'];

/**
 * Creates the tables of the accounts, or brings them up to date, and grants the role of the server what it needs. Several
 * instances can do so at the same time.
 *
 * @param ownerUrl signs in the owner of the tables
 * @param servingUrl names the role of the server
 * @throws SchemaChangeRefused if the owner may not create them
 */
export async function prepareAccounts(ownerUrl: string, servingUrl: string): Promise<void> {
  await onDirectConnection(ownerUrl, async (client) => {
    const { runner } = await import('node-pg-migrate');
    const quiet = () => {};
    try {
      await withMigrationLock(client, async () => {
        await client.query(`create schema if not exists ${ACCOUNTS_SCHEMA}`);
        await runner({
          dbClient: client,
          dir: join(createRequire(import.meta.url).resolve('taskwell/package.json'), '..', 'auth-migrations'),
          direction: 'up',
          migrationsTable: 'taskwell_migrations',
          migrationsSchema: ACCOUNTS_SCHEMA,
          singleTransaction: true,
          noLock: true, // its lock belongs to the session, which a pooler may hand to somebody else
          logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
        });
      });
      await grantAccess(client, connectionRole(servingUrl));
    } catch (error) {
      throw explainRefusal(error);
    }
  });
}

async function grantAccess(client: pg.Client, role: string): Promise<void> {
  const tables = TABLES.map((table) => `${ACCOUNTS_SCHEMA}.${pg.escapeIdentifier(table)}`);
  const { rows } = await client.query<{ is_missing: boolean }>(FIND_MISSING, [role, ACCOUNTS_SCHEMA, tables]);
  if (rows[0]?.is_missing !== true) return;
  const name = pg.escapeIdentifier(role);
  await client.query('begin');
  // Two sessions that grant at the same time would fail.
  await client.query(`select pg_advisory_xact_lock(hashtext('taskwell serving role'))`);
  await client.query(`grant usage on schema ${ACCOUNTS_SCHEMA} to ${name}`);
  await client.query(`grant select, insert, update, delete on ${tables.join(', ')} to ${name}`);
  await client.query('commit');
}

const FIND_MISSING = `
  select not has_schema_privilege(rolname, $2, 'usage') or exists (
    select from unnest($3::text[]) as name, unnest(array['select', 'insert', 'update', 'delete']) as privilege
    where not has_table_privilege(rolname, name, privilege)
  ) as is_missing
  from pg_roles where rolname = $1`;

/** 42501 insufficient_privilege. */
function explainRefusal(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError) || error.code !== '42501') return error;
  const what = `The tables of the accounts cannot be created in the schema ${ACCOUNTS_SCHEMA}: ${error.message}`;
  const remedy = 'let MIGRATION_DATABASE_URL sign in a role that may create schemas in this database';
  return new SchemaChangeRefused(`${what}. To sign users in, ${remedy}`, { cause: error });
}
