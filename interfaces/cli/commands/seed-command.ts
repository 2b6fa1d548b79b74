import { Unauthenticated } from '../../../application/application-errors.ts';
import { CreateTask } from '../../../application/create-task.ts';
import { ToggleTask } from '../../../application/toggle-task.ts';
import { UserId } from '../../../domain/user-id.ts';
import { findAccountId } from '../../../infrastructure/accounts/find-account-id.ts';
import { PostgresDatabase } from '../../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresTaskRepository } from '../../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { createLogger } from '../../../infrastructure/system/logger.ts';
import { UuidV7TaskIds } from '../../../infrastructure/system/uuid-v7-task-ids.ts';
import type { CliContext } from '../../composition/cli-context.ts';
import { type Configuration, readConfiguration } from '../../composition/configuration/configuration.ts';
import { type OpenDatabase, withDatabase } from '../../composition/open-database.ts';
import { OperatorError } from '../../composition/operator-error.ts';
import { prepareDatabase } from '../../composition/prepare-database.ts';
import { findSharedSecret } from '../../composition/shared-secret.ts';
import { demoTasks } from '../demo-tasks.ts';

const DATABASE_TIMEOUT_MS = 30_000;

export interface SeedOptions {
  /** The id of a user, or the e-mail address of an account of this server. */
  readonly user: string;
  readonly tasks: number;
}

/**
 * Creates demo tasks for one user, and refuses in production. Prepares the database as a start of the server does, so the
 * command works before the first start.
 */
export async function seed({ env, stdout, stderr }: CliContext, { user, tasks }: SeedOptions): Promise<void> {
  const configuration = readConfiguration(env);
  if (configuration.environment === 'production') {
    throw new OperatorError('Demo tasks do not belong in production: set ENVIRONMENT to dev or staging');
  }
  const secret = (await findSharedSecret(configuration))?.value;
  await withDatabase(configuration, async (database) => {
    await prepareDatabase(database, { ...configuration, secret }, createLogger('silent', stderr, { pretty: false }));
    const owner = await findOwner(database, configuration, user);
    const completed = await createDemoTasks(database, configuration, owner, tasks);
    const created = tasks === 1 ? '1 demo task' : `${tasks} demo tasks`;
    stdout.write(`Created ${created} for ${user}, ${completed} of them completed\n`);
    stdout.write(`To see them, ${howToSignIn(configuration, { owner, user, canSign: secret !== undefined })}\n`);
    stdout.write(`To delete everything that belongs to ${user}, run: taskwell erase-user ${owner}\n`);
  });
}

/** @throws OperatorError if the text is an e-mail address that no account of this server has */
async function findOwner({ ownerUrl }: OpenDatabase, { signIn }: Configuration, user: string): Promise<UserId> {
  const owner = UserId(user);
  if (signIn === undefined || !user.includes('@')) return owner;
  const id = await findAccountId(ownerUrl, user);
  if (id !== undefined) return UserId(id);
  throw new OperatorError(
    `No account has the e-mail address ${user}: sign up with it at /app first, or pass a user id`,
  );
}

/** @returns how many of the tasks are completed */
async function createDemoTasks(
  { url }: OpenDatabase,
  { databasePrepare: prepare, databaseEngine: engine }: Configuration,
  owner: UserId,
  count: number,
): Promise<number> {
  const database = new PostgresDatabase({ url, poolSize: 1, prepare, timeout: DATABASE_TIMEOUT_MS, engine });
  try {
    const repository = new PostgresTaskRepository(database);
    const [createTask, toggleTask] = [new CreateTask(repository, new UuidV7TaskIds()), new ToggleTask(repository)];
    const tasks = demoTasks(count);
    for (const { details, completed } of tasks) {
      const { task } = await createTask.execute({ owner, details });
      if (completed) await toggleTask.execute({ owner, task: { id: task.id } });
    }
    return tasks.filter(({ completed }) => completed).length;
  } catch (error) {
    if (!(error instanceof Unauthenticated)) throw error;
    const remedy = 'sign up first, and pass the id that the tokens of the user carry in the claim sub';
    throw new OperatorError(`There is no user with the id ${owner}, and tasks are linked to users: ${remedy}`);
  } finally {
    await database.close();
  }
}

function howToSignIn(
  { signIn }: Configuration,
  { owner, user, canSign }: { readonly owner: UserId; readonly user: string; readonly canSign: boolean },
): string {
  if (signIn !== undefined && user !== owner) return 'sign in at /app with this address';
  return canSign ? `call the API with the token of: taskwell token --user ${owner}` : 'sign in as this user';
}
