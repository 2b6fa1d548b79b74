import type pg from 'pg';
import { onDirectConnection } from '../connection/direct-connection.ts';
import { SchemaChangeRefused } from './schema-change-refused.ts';

/**
 * How Citus stores the tables of tasks: on one node, by user, only some of them by user, or by a user id whose type is a
 * domain. Citus acknowledges rows of such a table and does not find them again.
 */
export type Distribution = 'none' | 'by user' | 'partial' | 'by domain';

/** In this order: the tasks of a user are stored with their counter. */
const DISTRIBUTED_TABLES = ['task_counters', 'tasks', 'task_deletions', 'idempotency_keys'] as const;

/** Reads the distribution as any role may. Databases without Citus have none. */
export async function readDistribution(client: pg.Client): Promise<Distribution> {
  const catalog = await client.query<{ known: boolean }>(
    `select to_regclass('pg_dist_partition') is not null as known`,
  );
  if (catalog.rows[0]?.known !== true) return 'none';
  const { rows } = await client.query<{ is_domain: boolean }>(FIND_DISTRIBUTED, [DISTRIBUTED_TABLES]);
  if (rows.some(({ is_domain }) => is_domain)) return 'by domain';
  if (rows.length === 0) return 'none';
  return rows.length === DISTRIBUTED_TABLES.length ? 'by user' : 'partial';
}

/**
 * Distributes the tables of tasks over the nodes of Citus by user. `rate_limits` stays on the coordinator: an unlogged
 * table would stop Citus from rebalancing. Can be repeated.
 *
 * @returns the tables that it distributed
 * @throws SchemaChangeRefused if the database is not Citus, or the tables are linked to a table of users
 */
export function distributeTables(ownerUrl: string): Promise<readonly string[]> {
  return onDirectConnection(ownerUrl, async (client) => {
    const { rowCount } = await client.query(`select from pg_proc where proname = 'create_distributed_table'`);
    if (rowCount === 0) throw new SchemaChangeRefused(NOT_CITUS);
    const links = await client.query<{ users: string }>(FIND_LINKS_TO_USERS);
    const [link] = links.rows;
    if (link !== undefined) {
      const why = 'a foreign key of a distributed table cannot reference a table of one node';
      throw new SchemaChangeRefused(
        `The tables are linked to ${link.users}, and ${why}: run taskwell unlink-users first`,
      );
    }
    const distributed: string[] = [];
    for (const table of DISTRIBUTED_TABLES) {
      const found = await client.query(FIND_DISTRIBUTED, [[table]]);
      if (found.rowCount !== 0) continue;
      const colocation = table === 'task_counters' ? 'default' : 'task_counters';
      await client.query(`select create_distributed_table($1, 'user_id', colocate_with => $2)`, [table, colocation]);
      distributed.push(table);
    }
    return distributed;
  });
}

const NOT_CITUS =
  'This database does not have the extension citus, so there are no nodes to distribute the tables over: ' +
  'run "create extension citus" on its coordinator and on its workers, and add the workers with citus_add_node. ' +
  'PostgreSQL without Citus needs no distribution';

/** `partmethod` h: distributed by the hash of a column. */
const FIND_DISTRIBUTED = `
  select typtype = 'd' as is_domain
  from pg_dist_partition
  join pg_attribute on attrelid = logicalrelid and attname = 'user_id'
  join pg_type on pg_type.oid = atttypid
  where partmethod = 'h' and logicalrelid in (select to_regclass(quote_ident(name)) from unnest($1::text[]) as name)`;

const FIND_LINKS_TO_USERS = `
  select confrelid::regclass::text as users
  from pg_constraint
  where contype = 'f' and conrelid = to_regclass('task_counters')`;
