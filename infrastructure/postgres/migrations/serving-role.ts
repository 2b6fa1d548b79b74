import pg from 'pg';
import { errorCode } from '../../error-code.ts';
import { connectionPassword, connectionRole } from '../connection/connection-string.ts';
import { onDirectConnection } from '../connection/direct-connection.ts';
import { grantPrivileges } from './grant-privileges.ts';
import { MIGRATIONS_TABLE } from './migration-files.ts';
import { SchemaChangeRefused } from './schema-change-refused.ts';
import { SERVING_PRIVILEGES, type TablePrivileges } from './serving-access.ts';

/** The role of the server, unless the operator names another one. */
export const DEFAULT_SERVING_ROLE = 'taskwell_app';

/** What the role of the server is granted: what requests need, and what `/ready` needs to compare the schema. */
const PRIVILEGES: TablePrivileges = { ...SERVING_PRIVILEGES, [MIGRATIONS_TABLE]: ['select'] };

/**
 * Creates the role that the server signs in as, and grants it the rights that it lacks. It is not the owner of the tables,
 * so that row-level security binds it.
 *
 * @param ownerUrl signs in the owner of the tables
 * @param servingUrl has the name of the role and its password
 * @throws SchemaChangeRefused if the owner may not create the role or grant the rights
 */
export async function prepareServingRole(ownerUrl: string, servingUrl: string): Promise<void> {
  const role = connectionRole(servingUrl);
  if (role === '' || role === connectionRole(ownerUrl)) return;
  await onDirectConnection(ownerUrl, async (client) => {
    try {
      await createRole(client, role, connectionPassword(servingUrl));
      await grantPrivileges(client, role, PRIVILEGES);
    } catch (error) {
      throw explainRefusal(error, role);
    }
  });
}

/** SQL that an administrator runs to create a role for the server. The password is a placeholder. */
export async function servingRoleSql(ownerUrl: string, role: string): Promise<string> {
  const schema = await onDirectConnection(ownerUrl, async (client) => {
    const { rows } = await client.query<{ schema: string | null }>('select quote_ident(current_schema()) as schema');
    return rows[0]?.schema ?? 'public';
  });
  const name = pg.escapeIdentifier(role);
  return [
    '-- Run it after taskwell migrate, as a role that may create roles. Choose a password.',
    `create role ${name} login nosuperuser nobypassrls password 'change-me';`,
    `grant usage on schema ${schema} to ${name};`,
    ...Object.entries(PRIVILEGES).map(
      ([table, privileges]) => `grant ${privileges.join(', ')} on ${schema}.${table} to ${name};`,
    ),
  ].join('\n');
}

/** Roles belong to the whole server, so another database or instance may create the same one at the same time. */
async function createRole(client: pg.Client, role: string, password: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  if (rowCount !== 0) return;
  const attributes = `login nosuperuser nobypassrls password ${pg.escapeLiteral(password)}`;
  await client.query(`create role ${pg.escapeIdentifier(role)} ${attributes}`).catch((error) => {
    if (!ALREADY_EXISTS.has(errorCode(error) ?? '')) throw error;
  });
}

/** 42710 duplicate_object, 23505 unique_violation: another session created the role meanwhile. */
const ALREADY_EXISTS: ReadonlySet<string> = new Set(['42710', '23505']);

function explainRefusal(error: unknown, role: string): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const what = `The role "${role}" of DATABASE_URL cannot be prepared: ${error.message}`;
  const remedy = 'Run the SQL that taskwell migrate --roles prints, as a role that may create roles';
  return new SchemaChangeRefused(`${what}. ${remedy}`, { cause: error });
}
