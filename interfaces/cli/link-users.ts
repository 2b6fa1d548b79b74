import {
  describeOrphans,
  type Linked,
  PostgresUserLink,
  type Survey,
} from '../../infrastructure/postgres/migrations/postgres-user-link.ts';
import type { CliContext } from '../composition/cli-context.ts';
import { onMigratedDatabase } from '../composition/migrated-database.ts';

export interface LinkUsersOptions {
  /** The table that holds the users. */
  readonly table: string;
  /** Only tell what would be done. */
  readonly dryRun?: boolean;
  /** Delete what belongs to users who are not in the table. */
  readonly deleteOrphans?: boolean;
}

/** Has all that belongs to a user go when the user goes; gives the exit code. */
export function linkUsers(
  { env, stdout }: CliContext,
  { table, dryRun = false, deleteOrphans = false }: LinkUsersOptions,
): Promise<number> {
  return onMigratedDatabase(env, async (url) => {
    const link = new PostgresUserLink(url);
    const lines = dryRun
      ? foreseen(await link.survey(table), deleteOrphans)
      : done(await link.link(table, { deleteOrphans }));
    stdout.write(`${lines.join('\n')}\n`);
    return 0;
  });
}

function foreseen(survey: Survey, deleteOrphans: boolean): readonly string[] {
  const { users, linked, orphans } = survey;
  if (linked) return [alreadyLinked(users)];
  const found = orphans.users === 0 ? [] : [describeOrphans(survey)];
  const outcome =
    orphans.users > 0 && !deleteOrphans
      ? ['This would be refused without --delete-orphans']
      : [...found.map(() => 'This would be deleted'), `Tasks would be linked to ${users}`];
  return [...found, ...outcome, 'Nothing is changed'];
}

function done({ users, linked, deleted }: Linked): readonly string[] {
  if (linked) return [alreadyLinked(users)];
  const { tasks, counters } = deleted;
  const gone =
    tasks + counters > 0 ? [`Deleted of users who are not in ${users}: ${tasks} tasks, ${counters} counters`] : [];
  return [...gone, `Tasks are linked to ${users}: they go when their user is deleted there`];
}

const alreadyLinked = (users: string) => `Tasks are linked to ${users} already`;
