import type { Logger } from 'pino';
import { PostgresMigrations } from '../../infrastructure/postgres/migrations/postgres-migrations.ts';
import { readServingAccess, type ServingAccess } from '../../infrastructure/postgres/migrations/serving-access.ts';
import { prepareServingRole } from '../../infrastructure/postgres/migrations/serving-role.ts';
import { type BeforeRewrite, refuseRewrite } from '../../infrastructure/postgres/migrations/table-rewrite.ts';
import type { Configuration } from './configuration/configuration.ts';
import type { OpenDatabase } from './open-database.ts';
import { OperatorError } from './operator-error.ts';
import { prepareOwnAccounts, requestGrants } from './prepare-own-accounts.ts';

type AccessRules = Pick<Configuration, 'databaseEngine' | 'rowSecurityRequired'>;
type PrepareSettings = AccessRules &
  Pick<Configuration, 'databaseUrl' | 'signIn'> & { readonly secret?: string | undefined };

/**
 * Brings the schema and the role of the server up to date, and verifies that requests will find what they need.
 *
 * @throws OperatorError if they will not
 */
export async function prepareDatabase(
  { url, ownerUrl }: OpenDatabase,
  { databaseUrl, signIn, secret, ...rules }: PrepareSettings,
  log: Pick<Logger, 'warn'>,
): Promise<void> {
  await new PostgresMigrations(ownerUrl).up(databaseUrl === undefined ? announceRewrite(log) : refuseRewrite);
  await prepareServingRole(ownerUrl, url);
  if (signIn !== undefined) await prepareOwnAccounts({ url, ownerUrl }, { secret, ...rules });
  const access = await readServingAccess(url);
  const [fault] = findFaults(access, rules);
  if (fault !== undefined) throw new OperatorError(fault);
  const reason = describeWeakness(access);
  if (reason !== undefined) log.warn({ role: access.role, reason }, 'row-level security does not bind the role');
}

/** No other instance uses the embedded database, so a start may rewrite its tables. */
function announceRewrite(log: Pick<Logger, 'warn'>): BeforeRewrite {
  return (rewrites) => log.warn({ rewrites }, 'rewriting tables of the embedded database before the start');
}

/** Reasons why the server refuses to start. Each is a sentence with its remedy. */
export function findFaults(
  access: ServingAccess,
  { databaseEngine, rowSecurityRequired }: AccessRules,
): readonly string[] {
  const { role, missingTables, missingGrants, distribution, rowSecurity } = access;
  const faults: string[] = [];
  if (missingTables.length > 0) {
    faults.push(
      `The role "${role}" cannot see ${missingTables.join(', ')}: run taskwell migrate, or check its search_path`,
    );
  }
  if (missingGrants.length > 0) {
    faults.push(requestGrants(role, missingGrants));
  }
  for (const [name, value] of Object.entries(access.unsuitableSettings)) {
    const remedy = `run alter role "${role}" reset ${name}, and look for the setting at the database and in the server`;
    faults.push(`Sessions of the role "${role}" have ${name} = ${value}, and requests would fail: ${remedy}`);
  }
  const misplaced = DISTRIBUTION_FAULTS[distribution];
  if (misplaced !== undefined) faults.push(misplaced);
  if (distribution === 'by user' && databaseEngine !== 'citus') {
    faults.push(
      'The tables are distributed by Citus: set DATABASE_ENGINE=citus, so that its nodes receive the user of each request',
    );
  }
  if (rowSecurityRequired && rowSecurity !== 'enforced') {
    faults.push(
      `Row-level security does not bind the role "${role}", and ROW_SECURITY is required: ${describeWeakness(access)}`,
    );
  }
  return faults;
}

/** Why row-level security does not bind the role of the server, with the remedy; `undefined` if it does. */
export function describeWeakness({ rowSecurity }: ServingAccess): string | undefined {
  return WEAKNESSES[rowSecurity];
}

const REMEDY = 'let the server sign in as another role (see taskwell migrate --roles)';

const WEAKNESSES: Readonly<Record<ServingAccess['rowSecurity'], string | undefined>> = {
  enforced: undefined,
  superuser: `it is a superuser; ${REMEDY}`,
  bypassrls: `it has the attribute BYPASSRLS; ${REMEDY}`,
  owner: `it owns the tables, or is a member of their owner; ${REMEDY}`,
  disabled:
    'it is switched off for a table; run alter table … enable row level security on tasks, task_counters, task_deletions and idempotency_keys',
};

const DISTRIBUTION_FAULTS: Readonly<Record<ServingAccess['distribution'], string | undefined>> = {
  none: undefined,
  'by user': undefined,
  partial: 'Only some of the tables of tasks are distributed: run taskwell distribute',
  'by domain':
    'The tables are distributed by a column whose type is a domain, and Citus cannot find their rows: ' +
    'run undistribute_table on each of them, then taskwell migrate, then taskwell distribute',
};
