import { EraseUser } from '../../../application/erase-user.ts';
import { UserId } from '../../../domain/user-id.ts';
import { PostgresDatabase } from '../../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresTaskRepository } from '../../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import type { CliContext } from '../../composition/cli-context.ts';
import { withMigratedDatabase } from '../../composition/open-database.ts';

/** Long, because a user may have very many tasks. */
const DATABASE_TIMEOUT_MS = 10 * 60_000;

/** Deletes everything that belongs to a user, and prints how many tasks it deleted. */
export async function eraseUser({ env, stdout }: CliContext, id: string): Promise<void> {
  const owner = UserId(id);
  return withMigratedDatabase(env, async ({ url }, { databaseEngine: engine }) => {
    const timeout = DATABASE_TIMEOUT_MS;
    const database = new PostgresDatabase({ url, poolSize: 1, prepare: false, timeout, engine });
    try {
      const { tasks, lastNumber } = await new EraseUser(new PostgresTaskRepository(database)).execute({ owner });
      const counter = lastNumber === undefined ? 'no task counter' : `task counter at ${lastNumber}`;
      const nothing = tasks === 0 && lastNumber === undefined;
      stdout.write(
        nothing
          ? `Nothing belongs to ${id}\n`
          : `Deleted for ${id}: ${tasks === 1 ? '1 task' : `${tasks} tasks`}, ${counter}\n`,
      );
    } finally {
      await database.close();
    }
  });
}
