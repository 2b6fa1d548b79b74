import { PostgresUserLink } from '../../infrastructure/postgres/postgres-user-link.ts';
import { onMigratedDatabase } from './migrated-database.ts';
import type { Surroundings } from './surroundings.ts';

/** Takes back what `link-users` did; gives the exit code. */
export function unlinkUsers({ env, stdout }: Surroundings): Promise<number> {
  return onMigratedDatabase(env, async (url) => {
    const unlinked = await new PostgresUserLink(url).unlink();
    stdout.write(unlinked ? 'Tasks are linked to no users any more\n' : 'Tasks were not linked: nothing to do\n');
    return 0;
  });
}
