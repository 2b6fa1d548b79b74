import type pg from 'pg';
import { onDirectConnection } from '../connection/direct-connection.ts';
import { type Distribution, readDistribution } from './citus-distribution.ts';

/** What the role of the server may do in the database. */
export interface ServingAccess {
  readonly role: string;
  /** Whether the policies of row-level security bind the role; otherwise the reason why they do not. */
  readonly rowSecurity: 'enforced' | 'superuser' | 'bypassrls' | 'owner' | 'disabled';
  /** Statements that grant the rights that the role lacks. */
  readonly missingGrants: readonly string[];
  readonly distribution: Distribution;
  /** Settings of the session, by name, with which requests cannot work. */
  readonly unsuitableSettings: Readonly<Record<string, string>>;
  /** The tables that the role cannot find in its schemas. */
  readonly missingTables: readonly string[];
}

/** The privileges that a role needs, by table. */
export type TablePrivileges = Readonly<Record<string, readonly string[]>>;

export const READ_AND_WRITE = ['select', 'insert', 'update', 'delete'] as const;

/** What requests need. */
export const SERVING_PRIVILEGES = {
  tasks: READ_AND_WRITE,
  task_counters: READ_AND_WRITE,
  task_deletions: READ_AND_WRITE,
  idempotency_keys: READ_AND_WRITE,
  rate_limits: READ_AND_WRITE,
} as const satisfies TablePrivileges;

/**
 * Reads the access of the role that a connection string signs in.
 *
 * @throws Unavailable if the database cannot be reached
 */
export function readServingAccess(url: string): Promise<ServingAccess> {
  return onDirectConnection(url, async (client) => {
    const tables = Object.keys(SERVING_PRIVILEGES);
    const found = await client.query<AccessRow>(FIND_ACCESS, [tables]);
    const { role = '', row_security = 'disabled', missing_tables = tables } = found.rows[0] ?? {};
    return {
      role,
      rowSecurity: row_security,
      missingGrants: await findMissingGrants(client, SERVING_PRIVILEGES),
      missingTables: missing_tables,
      distribution: await readDistribution(client),
      unsuitableSettings: Object.fromEntries(
        (await client.query<{ name: string; setting: string }>(FIND_UNSUITABLE_SETTINGS)).rows.map(
          ({ name, setting }) => [name, setting],
        ),
      ),
    };
  });
}

/** Whose privileges on which tables. By default, those of the connection's role, as the search_path finds the tables. */
interface GrantScope {
  readonly role?: string;
  readonly schema?: string | undefined;
}

/** Finds the privileges that a role lacks, as statements that grant them. */
export async function findMissingGrants(
  client: pg.Client,
  needed: TablePrivileges,
  { role, schema }: GrantScope = {},
): Promise<readonly string[]> {
  const pairs = Object.entries(needed).flatMap(([table, privileges]) => privileges.map((one) => [table, one]));
  const { rows } = await client.query<{ grant: string }>(FIND_MISSING_GRANTS, [
    pairs.map(([table]) => table),
    pairs.map(([, privilege]) => privilege),
    role ?? null,
    schema ?? null,
  ]);
  return rows.map(({ grant }) => grant);
}

/** Members of the role that owns a table have its rights. Only tables with a column user_id have policies. */
const FIND_ACCESS = `
  with named as (select name, to_regclass(quote_ident(name)) as id from unnest($1::text[]) as name),
  personal as (
    select pg_class.oid as id, relrowsecurity as is_enabled
    from named
    join pg_class on pg_class.oid = named.id
    join pg_attribute on attrelid = pg_class.oid and attname = 'user_id' and not attisdropped
  )
  select current_user as role,
    case
      when rolsuper then 'superuser'
      when rolbypassrls then 'bypassrls'
      when exists (select from personal where not is_enabled) then 'disabled'
      when exists (select from personal where not row_security_active(id)) then 'owner'
      else 'enforced'
    end as row_security,
    array(select name from named where id is null) as missing_tables
  from pg_roles where rolname = current_user`;

/**
 * With `row_security` off, statements fail instead of finding fewer rows. A replica is always read-only, and may become
 * the primary. Under a stricter isolation, concurrent creates of a user fail.
 */
const FIND_UNSUITABLE_SETTINGS = `
  select name, setting from pg_settings
  where (name = 'row_security' and setting = 'off')
    or (name = 'default_transaction_read_only' and setting = 'on' and not pg_is_in_recovery())
    or (name = 'default_transaction_isolation' and setting <> 'read committed')`;

/** A role without usage of a schema may still read the catalog, but not call to_regclass with a name in it. */
const FIND_MISSING_GRANTS = `
  with role as (select coalesce($3, current_user) as name)
  select format('grant usage on schema %I to %I', nspname, role.name) as grant
  from pg_namespace, role
  where nspname = coalesce($4, current_schema()) and not has_schema_privilege(role.name, pg_namespace.oid, 'usage')
  union all
  select format('grant %s on %I.%I to %I', string_agg(privilege, ', ' order by position), nspname, relname, role.name)
  from unnest($1::text[], $2::text[]) with ordinality as needed (name, privilege, position)
  cross join role
  join pg_class on relname = needed.name
  join pg_namespace on pg_namespace.oid = relnamespace
  where case when $4 is null then pg_class.oid = to_regclass(quote_ident(needed.name)) else nspname = $4 end
    and not has_table_privilege(role.name, pg_class.oid, privilege)
  group by nspname, relname, role.name`;

interface AccessRow {
  readonly role: string;
  readonly row_security: ServingAccess['rowSecurity'];
  readonly missing_tables: readonly string[];
}
