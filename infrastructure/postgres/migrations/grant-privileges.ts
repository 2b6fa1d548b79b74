import type pg from 'pg';
import { findMissingGrants, type TablePrivileges } from './serving-access.ts';

/**
 * Grants a role the privileges that it lacks, as the owner of the tables. A lock orders sessions that do so at the same
 * time, which would fail with "tuple concurrently updated".
 *
 * @param schema of the tables. Default: as the search_path finds them
 */
export async function grantPrivileges(
  client: pg.Client,
  role: string,
  needed: TablePrivileges,
  schema?: string,
): Promise<void> {
  if ((await findMissingGrants(client, needed, { role, schema })).length === 0) return;
  await client.query('begin');
  await client.query(`select pg_advisory_xact_lock(hashtext('taskwell serving role'))`);
  for (const grant of await findMissingGrants(client, needed, { role, schema })) await client.query(grant);
  await client.query('commit');
}
