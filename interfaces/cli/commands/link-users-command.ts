import {
  describeOrphans,
  type Linked,
  PostgresUserLink,
  type Survey,
} from '../../../infrastructure/postgres/migrations/postgres-user-link.ts';
import type { CliContext } from '../../composition/cli-context.ts';
import { withMigratedDatabase } from '../../composition/open-database.ts';

export interface LinkUsersOptions {
  /** The table of users. */
  readonly table: string;
  readonly dryRun?: boolean;
  /** Whether to delete the data of users who are not in the table. */
  readonly deleteOrphans?: boolean;
}

/** Makes the database delete a user's tasks together with the user. */
export function linkUsers(
  { env, stdout }: CliContext,
  { table, dryRun = false, deleteOrphans = false }: LinkUsersOptions,
): Promise<void> {
  return withMigratedDatabase(env, async ({ ownerUrl }) => {
    const link = new PostgresUserLink(ownerUrl);
    const lines = dryRun
      ? explainPlan(await link.survey(table), deleteOrphans)
      : explainResult(await link.link(table, { deleteOrphans }));
    stdout.write(`${lines.join('\n')}\n`);
  });
}

function explainPlan(survey: Survey, deleteOrphans: boolean): readonly string[] {
  const { users, linked, orphans } = survey;
  if (linked) return [`Tasks are already linked to ${users}`];
  const found = orphans.users === 0 ? [] : [describeOrphans(survey)];
  const outcome =
    orphans.users > 0 && !deleteOrphans
      ? ['This would be refused without --delete-orphans']
      : [...found.map(() => 'This would be deleted'), `Tasks would be linked to ${users}`];
  return [...found, ...outcome, 'Nothing is changed'];
}

function explainResult({ users, linked, deleted: { tasks, counters } }: Linked): readonly string[] {
  if (linked) return [`Tasks are already linked to ${users}`];
  const deletions =
    tasks + counters > 0 ? [`Deleted for users who are not in ${users}: ${tasks} tasks, ${counters} counters`] : [];
  return [...deletions, `Tasks are linked to ${users} and are deleted together with their user`];
}
