import { PostgresUserLink } from '../../infrastructure/postgres/migrations/postgres-user-link.ts';
import type { CliContext } from '../composition/cli-context.ts';
import { onMigratedDatabase } from '../composition/migrated-database.ts';

/** Takes back what `link-users` did; gives the exit code. */
export function unlinkUsers({ env, stdout }: CliContext): Promise<number> {
  return onMigratedDatabase(env, async (url) => {
    const unlinked = await new PostgresUserLink(url).unlink();
    stdout.write(unlinked ? 'Tasks are linked to no users any more\n' : 'Tasks were not linked: nothing to do\n');
    return 0;
  });
}
