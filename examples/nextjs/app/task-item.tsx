import { type FormEvent, useState } from 'react';
import { deleteTask, renameTask, type Task, toggleTask } from '../lib/tasks';
import { useAttempt } from './use-attempt';

interface TaskItemProps {
  readonly task: Task;
  readonly onChanged: (task: Task) => void;
  readonly onDeleted: () => void;
}

/** A task, or the form that changes its title. */
export function TaskItem({ task, onChanged, onDeleted }: TaskItemProps) {
  /** The title in the form, if it is open. */
  const [draft, setDraft] = useState<string>();
  const { running, error, attempt } = useAttempt();

  const toggle = () => attempt(async () => onChanged(await toggleTask(task)));
  const remove = () =>
    attempt(async () => {
      await deleteTask(task);
      onDeleted();
    });
  const save = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      onChanged(await renameTask(task, draft ?? task.title));
      setDraft(undefined);
    });
  };

  return (
    <li className={task.completed ? 'completed' : ''} aria-busy={running}>
      {draft === undefined ? (
        <div className="task">
          <label>
            <input type="checkbox" checked={task.completed} onChange={toggle} />
            <span>{task.title}</span>
          </label>
          <div className="actions">
            <button type="button" aria-label={`Edit ${task.title}`} onClick={() => setDraft(task.title)}>
              Edit
            </button>
            <button type="button" aria-label={`Delete ${task.title}`} onClick={remove}>
              Delete
            </button>
          </div>
        </div>
      ) : (
        <form className="task" onSubmit={save}>
          <label>
            Title
            <input
              ref={focus}
              value={draft}
              onChange={(event) => setDraft(event.target.value)}
              readOnly={running}
              required
            />
          </label>
          <div className="actions">
            <button type="submit" className="primary" aria-disabled={running}>
              Save
            </button>
            <button type="button" onClick={() => setDraft(undefined)}>
              Cancel
            </button>
          </div>
        </form>
      )}
      {error !== undefined && <p role="alert">{error}</p>}
    </li>
  );
}

function focus(input: HTMLInputElement | null): void {
  input?.focus();
}
