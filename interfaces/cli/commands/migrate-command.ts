import { PostgresMigrations } from '../../../infrastructure/postgres/migrations/postgres-migrations.ts';
import {
  describeRewrites,
  refuseRewrite,
  type TableRewrite,
} from '../../../infrastructure/postgres/migrations/table-rewrite.ts';
import type { CliContext } from '../../composition/cli-context.ts';
import { readConfiguration } from '../../composition/configuration/configuration.ts';
import { withDatabase } from '../../composition/open-database.ts';

export interface MigrateOptions {
  /** The number of migrations to revert. */
  readonly down?: number;
  readonly status?: boolean;
  /** Whether to go on if tables that have rows are rewritten. */
  readonly allowRewrite?: boolean;
}

/** Applies the pending migrations, reverts some, or lists them all. */
export function migrate({ env, stdout }: CliContext, { down, status, allowRewrite }: MigrateOptions): Promise<void> {
  return withDatabase(readConfiguration(env), async ({ url }) => {
    const migrations = new PostgresMigrations(url);
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
  });
}
