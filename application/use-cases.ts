import { CreateTask } from './create-task.ts';
import { DeleteTask } from './delete-task.ts';
import { EraseUser } from './erase-user.ts';
import { GetTask } from './get-task.ts';
import { ListTasks } from './list-tasks.ts';
import type { Accounts } from './ports/accounts.ts';
import type { RateLimits } from './ports/rate-limiter.ts';
import type { TaskIds } from './ports/task-ids.ts';
import type { TaskRepository } from './ports/task-repository.ts';
import { ReadChanges } from './read-changes.ts';
import { ReadPage } from './read-page.ts';
import { ReadState } from './read-state.ts';
import { ReadStatistics } from './read-statistics.ts';
import { SignIn } from './sign-in.ts';
import { SignInGuard } from './sign-in-guard.ts';
import { SignUp } from './sign-up.ts';
import { ToggleTask } from './toggle-task.ts';
import { UpdateTask } from './update-task.ts';
import type { WatchTasks } from './watch-tasks.ts';

interface Dependencies {
  readonly tasks: TaskRepository;
  readonly ids: TaskIds;
  /** Absent: nobody can follow changes live. */
  readonly watchTasks?: Pick<WatchTasks, 'execute'> | undefined;
  /** Absent: nobody can sign up or sign in. */
  readonly accounts?: Accounts | undefined;
  /** Absent: attempts to sign in are not limited. */
  readonly limits?: RateLimits | undefined;
}

/** Creates every use case and connects it to its ports. A new use case is added here. */
export function createUseCases({ tasks, ids, watchTasks = NO_WATCHES, accounts = NO_ACCOUNTS, limits }: Dependencies) {
  const guard = new SignInGuard(limits);
  return {
    createTask: new CreateTask(tasks, ids),
    getTask: new GetTask(tasks),
    listTasks: new ListTasks(tasks),
    readChanges: new ReadChanges(tasks),
    readPage: new ReadPage(tasks),
    readState: new ReadState(tasks),
    readStatistics: new ReadStatistics(tasks),
    updateTask: new UpdateTask(tasks),
    toggleTask: new ToggleTask(tasks),
    deleteTask: new DeleteTask(tasks),
    watchTasks,
    eraseUser: new EraseUser(tasks),
    signUp: new SignUp(accounts, guard),
    signIn: new SignIn(accounts, guard),
  };
}

/** Every use case by its name. */
export type UseCases = Readonly<ReturnType<typeof createUseCases>>;

const NO_WATCHES: Pick<WatchTasks, 'execute'> = { execute: async () => 'refused' };

async function refuse(): Promise<never> {
  throw new Error('there are no accounts');
}

const NO_ACCOUNTS: Accounts = { signUp: refuse, signIn: refuse };
