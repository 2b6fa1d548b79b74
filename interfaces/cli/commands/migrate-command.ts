import { PostgresMigrations } from '../../../infrastructure/postgres/migrations/postgres-migrations.ts';
import {
  DEFAULT_SERVING_ROLE,
  prepareServingRole,
  servingRoleSql,
} from '../../../infrastructure/postgres/migrations/serving-role.ts';
import type { CliContext } from '../../composition/cli-context.ts';
import { readConfiguration } from '../../composition/configuration/configuration.ts';
import { withDatabase } from '../../composition/open-database.ts';

export interface MigrateOptions {
  /** The number of migrations to revert. */
  readonly down?: number;
  readonly status?: boolean;
  /** Whether to print the SQL that creates the role of the server; or the name of that role. */
  readonly roles?: boolean | string;
}

/** Applies the pending migrations, reverts some, or lists them all. */
export function migrate({ env, stdout }: CliContext, { down, status, roles }: MigrateOptions): Promise<void> {
  return withDatabase(readConfiguration(env), async ({ url, ownerUrl }) => {
    if (roles !== undefined) {
      const role = typeof roles === 'string' ? roles : DEFAULT_SERVING_ROLE;
      stdout.write(`${await servingRoleSql(ownerUrl, role)}\n`);
      return;
    }
    const migrations = new PostgresMigrations(ownerUrl);
    if (status === true) {
      for (const { name, appliedAt } of await migrations.status()) {
        stdout.write(`${name}  ${appliedAt === undefined ? 'pending' : `applied ${appliedAt.toISOString()}`}\n`);
      }
      return;
    }
    const names = down === undefined ? await migrations.up() : await migrations.down(down);
    for (const name of names) stdout.write(`${name}  ${down === undefined ? 'applied' : 'reverted'}\n`);
    if (names.length === 0) stdout.write('Nothing to do\n');
    if (down === undefined) await prepareServingRole(ownerUrl, url);
  });
}
