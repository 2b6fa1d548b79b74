import {
  findMissingAccountGrants,
  prepareAccounts,
  USER_TABLE,
} from '../../infrastructure/accounts/accounts-migrations.ts';
import { connectionRole } from '../../infrastructure/postgres/connection/connection-string.ts';
import { PostgresUserLink } from '../../infrastructure/postgres/migrations/postgres-user-link.ts';
import { SchemaChangeRefused } from '../../infrastructure/postgres/migrations/schema-change-refused.ts';
import type { Configuration } from './configuration/configuration.ts';
import type { OpenDatabase } from './open-database.ts';
import { OperatorError } from './operator-error.ts';

/**
 * Brings the tables of the accounts up to date, links tasks to them, and verifies that the role of the server may use
 * them. Changes nothing if everything is as it should be.
 *
 * @param settings.secret the shared secret; `undefined` if there is none
 * @throws OperatorError, SchemaChangeRefused
 */
export async function prepareOwnAccounts(
  { url, ownerUrl }: Pick<OpenDatabase, 'url' | 'ownerUrl'>,
  settings: Pick<Configuration, 'databaseEngine'> & { readonly secret?: string | undefined },
): Promise<void> {
  await prepareAccounts(ownerUrl, url);
  const missing = await findMissingAccountGrants(url);
  if (missing.length > 0) throw new OperatorError(requestGrants(connectionRole(url), missing));
  if (linksTasks(settings)) await linkTasks(ownerUrl);
}

/** A sentence that tells the owner of the tables which statements to run. */
export function requestGrants(role: string, grants: readonly string[]): string {
  const statements = grants.map((grant) => `\n  ${grant};`).join('');
  return `The role "${role}" lacks privileges. Run as the owner of the tables:${statements}`;
}

/**
 * Whether tasks are linked to the own accounts. Tokens that are signed with a shared secret name users without an
 * account, and the tables of Citus cannot be linked.
 */
function linksTasks({ secret, databaseEngine }: Parameters<typeof prepareOwnAccounts>[1]): boolean {
  return secret === undefined && databaseEngine === 'postgresql';
}

async function linkTasks(ownerUrl: string): Promise<void> {
  try {
    await new PostgresUserLink(ownerUrl).link(USER_TABLE, { deleteOrphans: false });
  } catch (error) {
    if (!(error instanceof SchemaChangeRefused)) throw error;
    const remedy = `Tasks are deleted with their account through this link: run taskwell link-users --table '${USER_TABLE}' as the owner of the tables`;
    throw new OperatorError(`${error.message}. ${remedy}`, { cause: error });
  }
}
