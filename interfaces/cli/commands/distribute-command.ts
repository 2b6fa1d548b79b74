import { distributeTables } from '../../../infrastructure/postgres/migrations/citus-distribution.ts';
import type { CliContext } from '../../composition/cli-context.ts';
import { withMigratedDatabase } from '../../composition/open-database.ts';

/** Distributes the tables of tasks over the nodes of Citus. */
export function distribute({ env, stdout }: CliContext): Promise<void> {
  return withMigratedDatabase(env, async ({ ownerUrl }) => {
    const tables = await distributeTables(ownerUrl);
    const result =
      tables.length === 0 ? 'The tables are already distributed by user' : `Distributed by user: ${tables.join(', ')}`;
    stdout.write(`${result}\nServers now need DATABASE_ENGINE=citus: set it, and restart them\n`);
  });
}
