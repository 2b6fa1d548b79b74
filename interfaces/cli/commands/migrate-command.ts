import { PostgresMigrations } from '../../../infrastructure/postgres/migrations/postgres-migrations.ts';
import {
  DEFAULT_SERVING_ROLE,
  prepareServingRole,
  servingRoleSql,
} from '../../../infrastructure/postgres/migrations/serving-role.ts';
import {
  describeRewrites,
  refuseRewrite,
  type TableRewrite,
} from '../../../infrastructure/postgres/migrations/table-rewrite.ts';
import type { CliContext } from '../../composition/cli-context.ts';
import { readConfiguration } from '../../composition/configuration/configuration.ts';
import { withDatabase } from '../../composition/open-database.ts';
import { prepareOwnAccounts } from '../../composition/prepare-own-accounts.ts';
import { findSharedSecret } from '../../composition/shared-secret.ts';

export interface MigrateOptions {
  /** The number of migrations to revert. */
  readonly down?: number;
  readonly status?: boolean;
  /** Whether to go on if tables that have rows are rewritten. */
  readonly allowRewrite?: boolean;
  /** Whether to print the SQL that creates the role of the server; or the name of that role. */
  readonly roles?: boolean | string;
}

/** Applies the pending migrations, reverts some, or lists them all. */
export function migrate(
  { env, stdout }: CliContext,
  { down, status, allowRewrite, roles }: MigrateOptions,
): Promise<void> {
  const configuration = readConfiguration(env);
  return withDatabase(configuration, async ({ url, ownerUrl }) => {
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
    const announce = (rewrites: readonly TableRewrite[]) => stdout.write(`${describeRewrites(rewrites)}\n`);
    const beforeRewrite = allowRewrite === true ? announce : refuseRewrite;
    const names = await (down === undefined ? migrations.up(beforeRewrite) : migrations.down(down, beforeRewrite));
    for (const name of names) stdout.write(`${name}  ${down === undefined ? 'applied' : 'reverted'}\n`);
    if (names.length === 0) stdout.write('Nothing to do\n');
    if (down !== undefined) return;
    await prepareServingRole(ownerUrl, url);
    if (configuration.signIn !== undefined) {
      const secret = (await findSharedSecret(configuration))?.value;
      await prepareOwnAccounts({ url, ownerUrl }, { ...configuration, secret });
    }
  });
}
