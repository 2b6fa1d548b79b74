import { EraseUser } from '../../application/erase-user.ts';
import { UserId } from '../../domain/user-id.ts';
import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import type { CliContext } from '../composition/cli-context.ts';
import { onMigratedDatabase } from '../composition/migrated-database.ts';

/** Milliseconds that it may take: a user may have very many tasks. */
const TIMEOUT = 10 * 60_000;

/** Deletes all that belongs to one user and prints what that was; gives the exit code. */
export async function eraseUser({ env, stdout }: CliContext, id: string): Promise<number> {
  const owner = UserId(id);
  return onMigratedDatabase(env, async (url) => {
    const database = new PostgresDatabase({ url, poolSize: 1, prepare: false, timeout: TIMEOUT });
    try {
      const { tasks, lastNumber } = await new EraseUser(new PostgresTaskRepository(database)).execute({ owner });
      const counter = lastNumber === undefined ? 'no counter' : `the counter, which stood at ${lastNumber}`;
      const nothing = tasks === 0 && lastNumber === undefined;
      stdout.write(nothing ? `Nothing belongs to ${id}\n` : `Deleted of ${id}: tasks, ${tasks}; ${counter}\n`);
      return 0;
    } finally {
      await database.close();
    }
  });
}
