import { type FormEvent, useState } from 'react';
import { addTask, type Task } from '../lib/tasks';
import { useAttempt } from './use-attempt';

/** The form for a new task. The title stays until the server has it. */
export function NewTask({ userId, onAdded }: { userId: string; onAdded: (task: Task) => void }) {
  const [title, setTitle] = useState('');
  const { running, error, attempt } = useAttempt();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt(async () => {
      onAdded(await addTask(userId, title));
      // The user may already type the next title.
      setTitle((now) => (now === title ? '' : now));
    });
  };

  return (
    <form className="new-task" onSubmit={submit}>
      <label>
        New task
        <input value={title} onChange={(event) => setTitle(event.target.value)} autoComplete="off" required />
      </label>
      <button type="submit" className="primary" aria-disabled={running}>
        Add
      </button>
      {error !== undefined && <p role="alert">{error}</p>}
    </form>
  );
}
