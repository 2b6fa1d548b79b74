import type pg from 'pg';
import { MIGRATIONS_TABLE } from './migration-files.ts';

/**
 * Finds a reason why migrations cannot be applied as the role of a connection, as a sentence with its remedy. Changes
 * nothing.
 */
export async function findObstacle(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<StateRow>(FIND_STATE, [MIGRATIONS_TABLE]);
  const [state] = rows;
  if (state === undefined) return undefined;
  return OBSTACLES.find(({ found }) => found(state))?.describe(state);
}

interface Obstacle {
  readonly found: (state: StateRow) => boolean;
  readonly describe: (state: StateRow) => string;
}

const OBSTACLES: readonly Obstacle[] = [
  {
    found: ({ is_replica }) => is_replica,
    describe: () => 'The database is a read-only replica: set MIGRATION_DATABASE_URL or DATABASE_URL to the primary',
  },
  {
    found: ({ encoding }) => encoding !== 'UTF8',
    describe: ({ encoding }) =>
      `The database has the encoding ${encoding}, and Taskwell needs UTF8: create it with encoding 'UTF8' template template0`,
  },
  {
    found: ({ is_read_only }) => is_read_only,
    describe: ({ role }) =>
      `Transactions are read-only: run ${alterRole(role, 'reset default_transaction_read_only')}, or the same with alter database or in the configuration of the server`,
  },
  {
    found: ({ schema }) => schema === null,
    describe: ({ role, search_path }) =>
      `No schema of the search_path (${search_path}) exists, or the role "${role}" may not use it: create the schema, or run ${alterRole(role, 'set search_path = public')}`,
  },
  {
    found: ({ is_foreign }) => is_foreign,
    describe: ({ schema }) =>
      `The schema ${schema} already has a table tasks or task_counters that Taskwell did not create: use another database, or another schema with ?options=-c%20search_path%3Dtaskwell in the connection string`,
  },
  {
    found: ({ may_create, is_known }) => !may_create && !is_known,
    describe: ({ role, schema }) =>
      `The role "${role}" may not create tables in the schema ${schema}: run grant create, usage on schema ${schema} to "${role}", or let MIGRATION_DATABASE_URL sign in as the owner`,
  },
  {
    found: ({ other_owner }) => other_owner !== null,
    describe: ({ role, other_owner }) =>
      `The tables belong to the role "${other_owner}", so the role "${role}" may not change them: let MIGRATION_DATABASE_URL sign in as the owner, or as a member of it`,
  },
];

function alterRole(role: string, change: string): string {
  return `alter role "${role}" ${change}`;
}

const FIND_STATE = `
  select current_user as role,
    current_setting('search_path') as search_path,
    quote_ident(current_schema()) as schema,
    pg_is_in_recovery() as is_replica,
    current_setting('server_encoding') as encoding,
    current_setting('transaction_read_only')::boolean as is_read_only,
    coalesce(has_schema_privilege(current_schema(), 'create'), false) as may_create,
    to_regclass($1) is not null as is_known,
    to_regclass($1) is null and exists (
      select from pg_class
      where relnamespace = to_regnamespace(quote_ident(current_schema())) and relname in ('tasks', 'task_counters')
    ) as is_foreign,
    (
      select pg_get_userbyid(relowner) from pg_class
      where oid in (to_regclass('tasks'), to_regclass('task_counters'), to_regclass($1))
        and not pg_has_role(relowner, 'usage')
      limit 1
    ) as other_owner`;

interface StateRow {
  readonly role: string;
  readonly search_path: string;
  /** Quoted; `null` if there is none. */
  readonly schema: string | null;
  readonly is_replica: boolean;
  readonly encoding: string;
  readonly is_read_only: boolean;
  readonly may_create: boolean;
  /** Whether the table of migrations exists. */
  readonly is_known: boolean;
  readonly is_foreign: boolean;
  /** The owner of a table, if it is another role; `null` if there is no such table. */
  readonly other_owner: string | null;
}
