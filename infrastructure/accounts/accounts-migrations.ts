import { createRequire } from 'node:module';
import { join } from 'node:path';
import pg from 'pg';
import { errorCode } from '../error-code.ts';
import { connectionRole } from '../postgres/connection/connection-string.ts';
import { onDirectConnection } from '../postgres/connection/direct-connection.ts';
import { grantPrivileges } from '../postgres/migrations/grant-privileges.ts';
import { MIGRATIONS_TABLE, migrationNames } from '../postgres/migrations/migration-files.ts';
import { withMigrationLock } from '../postgres/migrations/migration-lock.ts';
import { runMigrations } from '../postgres/migrations/run-migrations.ts';
import { SchemaChangeRefused } from '../postgres/migrations/schema-change-refused.ts';
import { findMissingGrants, READ_AND_WRITE, type TablePrivileges } from '../postgres/migrations/serving-access.ts';

/** The schema of Better Auth's tables. */
export const ACCOUNTS_SCHEMA = 'auth';

/** The table of users, for the link between tasks and users. */
export const USER_TABLE = `${ACCOUNTS_SCHEMA}."user"`;

const PRIVILEGES: TablePrivileges = {
  user: READ_AND_WRITE,
  session: READ_AND_WRITE,
  account: READ_AND_WRITE,
  verification: READ_AND_WRITE,
  jwks: READ_AND_WRITE,
};

/**
 * Creates the tables of the accounts, or brings them up to date, and grants the role of the server what it needs. Changes
 * nothing if they are up to date. Several instances can do so at the same time.
 *
 * @param ownerUrl signs in the owner of the tables
 * @param servingUrl names the role of the server
 * @throws SchemaChangeRefused if the owner may not create the tables
 */
export async function prepareAccounts(ownerUrl: string, servingUrl: string): Promise<void> {
  await onDirectConnection(ownerUrl, async (client) => {
    if (await isMigrationPending(client)) await migrate(client);
    const role = connectionRole(servingUrl);
    if (role === '' || role === connectionRole(ownerUrl)) return;
    await grantPrivileges(client, role, PRIVILEGES, ACCOUNTS_SCHEMA).catch(ignoreRefusal);
  });
}

/** Finds what the role of the server still lacks to use the accounts, as statements that grant it. */
export function findMissingAccountGrants(servingUrl: string): Promise<readonly string[]> {
  return onDirectConnection(servingUrl, (client) => findMissingGrants(client, PRIVILEGES, { schema: ACCOUNTS_SCHEMA }));
}

/** A role that may not read which migrations were applied cannot apply any: their owner does. */
async function isMigrationPending(client: pg.Client): Promise<boolean> {
  try {
    const { rows } = await client.query<{ name: string }>(`select name from ${ACCOUNTS_SCHEMA}.${MIGRATIONS_TABLE}`);
    const applied = new Set(rows.map(({ name }) => name));
    return (await migrationNames(accountsMigrationsFolder())).some((name) => !applied.has(name));
  } catch (error) {
    if (errorCode(error) === UNDEFINED_TABLE) return true;
    if (errorCode(error) === INSUFFICIENT_PRIVILEGE) return false;
    throw error;
  }
}

async function migrate(client: pg.Client): Promise<void> {
  try {
    await withMigrationLock(client, async () => {
      await client.query(`create schema if not exists ${ACCOUNTS_SCHEMA}`);
      await runMigrations(client, { dir: accountsMigrationsFolder(), direction: 'up', schema: ACCOUNTS_SCHEMA });
    });
  } catch (error) {
    throw explainRefusal(error);
  }
}

function accountsMigrationsFolder(): string {
  return join(createRequire(import.meta.url).resolve('taskwell/package.json'), '..', 'auth-migrations');
}

const UNDEFINED_TABLE = '42P01';
const INSUFFICIENT_PRIVILEGE = '42501';

/** `findMissingAccountGrants` then finds what could not be granted. */
function ignoreRefusal(error: unknown): void {
  if (errorCode(error) !== INSUFFICIENT_PRIVILEGE) throw error;
}

function explainRefusal(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError) || error.code !== INSUFFICIENT_PRIVILEGE) return error;
  const what = `The tables of the accounts cannot be created in the schema ${ACCOUNTS_SCHEMA}: ${error.message}`;
  const remedy = 'let MIGRATION_DATABASE_URL sign in as a role that may create schemas in this database';
  return new SchemaChangeRefused(`${what}. To sign users in, ${remedy}`, { cause: error });
}
