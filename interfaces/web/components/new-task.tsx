import { useRef } from 'preact/hooks';
import type { TaskList } from '../state/task-list.ts';
import { TextArea } from './text-area.tsx';
import { TextField } from './text-field.tsx';

/** The form for a new task. */
export function NewTask({ tasks }: { tasks: TaskList }) {
  const { title, description } = tasks.entered;
  const form = useRef<HTMLFormElement>(null);
  const add = (event: Event) => {
    event.preventDefault();
    tasks.add();
    form.current?.querySelector('input')?.focus();
  };
  return (
    <form class="new-task" ref={form} onSubmit={add}>
      <TextField label="New task" value={title} focused autocomplete="off" required pattern=".*\S.*" />
      <button type="submit" class="primary">
        Add
      </button>
      <details>
        <summary>Add a description</summary>
        <TextArea label="Description" value={description} />
      </details>
    </form>
  );
}
