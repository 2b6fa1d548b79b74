import type { User } from '../api/accounts.ts';
import { Failure } from '../api/failure.ts';
import { signOut } from '../state/session.ts';
import type { TaskList } from '../state/task-list.ts';
import { DeleteAccount } from './delete-account.tsx';
import { FailureMessage } from './failure-message.tsx';
import { FilterChoice } from './filter-choice.tsx';
import { NewTask } from './new-task.tsx';
import { SignInAgain } from './sign-in-again.tsx';
import { TaskItem } from './task-item.tsx';
import { useSubmit } from './use-submit.ts';

/** The tasks of the signed-in user. */
export function TaskScreen({ user, tasks }: { user: User; tasks: TaskList }) {
  const { failure, submit } = useSubmit(async () => {
    const unsaved = tasks.unsaved.value;
    if (unsaved > 0 && !confirm(`Changes to ${unsaved} of your tasks are not saved. Sign out and lose them?`)) return;
    await signOut();
  });
  const reading = tasks.reading.value;
  return (
    <>
      <header>
        <p class="brand">Taskwell</p>
        <form onSubmit={submit}>
          <span class="user">{user.name}</span>
          <button type="submit">Sign out</button>
        </form>
      </header>
      <main>
        <h1>Your tasks</h1>
        {failure.value && <FailureMessage text={failure.value.message} />}
        {tasks.sessionEnded.value && <SignInAgain user={user} />}
        <NewTask tasks={tasks} />
        <FilterChoice tasks={tasks} />
        <LastRemoved tasks={tasks} />
        {reading instanceof Failure && (
          <FailureMessage text={`Your tasks could not be read. ${reading.message}`}>
            <button type="button" onClick={() => void tasks.recover()}>
              Try again
            </button>
          </FailureMessage>
        )}
        <ul class="tasks" aria-label="Tasks" aria-busy={reading === 'reading'}>
          {tasks.visible.value.map((row) => (
            <TaskItem key={row.key} row={row} tasks={tasks} />
          ))}
        </ul>
        {reading === 'read' && tasks.visible.value.length === 0 && (
          <p class="empty">
            {tasks.present.value.length === 0 ? 'No tasks yet. Add the first one above.' : 'No tasks here.'}
          </p>
        )}
      </main>
      <footer>
        <DeleteAccount user={user} />
      </footer>
    </>
  );
}

/** Says that a task was removed, with a way back. */
function LastRemoved({ tasks }: { tasks: TaskList }) {
  const row = tasks.lastRemoved.value;
  const gone = row !== undefined && !tasks.present.value.includes(row);
  return (
    <div class="removed" role="status">
      {gone && (
        <>
          <span>“{row.content.title}” is deleted.</span>
          <button type="button" onClick={() => tasks.restore()}>
            Undo
          </button>
        </>
      )}
    </div>
  );
}
