import { createRequire } from 'node:module';
import { join } from 'node:path';
import pg from 'pg';
import { connectionRole } from '../postgres/connection/connection-string.ts';
import { onDirectConnection } from '../postgres/connection/direct-connection.ts';
import { grantPrivileges } from '../postgres/migrations/grant-privileges.ts';
import { withMigrationLock } from '../postgres/migrations/migration-lock.ts';
import { runMigrations } from '../postgres/migrations/run-migrations.ts';
import { SchemaChangeRefused } from '../postgres/migrations/schema-change-refused.ts';
import { READ_AND_WRITE, type TablePrivileges } from '../postgres/migrations/serving-access.ts';

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
 * Creates the tables of the accounts, or brings them up to date, and grants the role of the server what it needs. Several
 * instances can do so at the same time.
 *
 * @param ownerUrl signs in the owner of the tables
 * @param servingUrl names the role of the server
 * @throws SchemaChangeRefused if the owner may not create them
 */
export async function prepareAccounts(ownerUrl: string, servingUrl: string): Promise<void> {
  await onDirectConnection(ownerUrl, async (client) => {
    try {
      await withMigrationLock(client, async () => {
        await client.query(`create schema if not exists ${ACCOUNTS_SCHEMA}`);
        const dir = join(createRequire(import.meta.url).resolve('taskwell/package.json'), '..', 'auth-migrations');
        await runMigrations(client, { dir, direction: 'up', schema: ACCOUNTS_SCHEMA });
      });
      await grantPrivileges(client, connectionRole(servingUrl), PRIVILEGES, ACCOUNTS_SCHEMA);
    } catch (error) {
      throw explainRefusal(error);
    }
  });
}

/** 42501 insufficient_privilege. */
function explainRefusal(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError) || error.code !== '42501') return error;
  const what = `The tables of the accounts cannot be created in the schema ${ACCOUNTS_SCHEMA}: ${error.message}`;
  const remedy = 'let MIGRATION_DATABASE_URL sign in a role that may create schemas in this database';
  return new SchemaChangeRefused(`${what}. To sign users in, ${remedy}`, { cause: error });
}
