import { PostgresUserLink } from '../../../infrastructure/postgres/migrations/postgres-user-link.ts';
import type { CliContext } from '../../composition/cli-context.ts';
import { withMigratedDatabase } from '../../composition/open-database.ts';

/** Reverts `link-users`. */
export function unlinkUsers({ env, stdout }: CliContext): Promise<void> {
  return withMigratedDatabase(env, async ({ ownerUrl }) => {
    const unlinked = await new PostgresUserLink(ownerUrl).unlink();
    stdout.write(unlinked ? 'Tasks are no longer linked to users\n' : 'Tasks were not linked: nothing to do\n');
  });
}
