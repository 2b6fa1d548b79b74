import { useSignal } from '@preact/signals';
import type { TaskList } from '../state/task-list.ts';
import type { TaskRow } from '../state/task-row.ts';
import { TextArea } from './text-area.tsx';
import { TextField } from './text-field.tsx';

/** The form that changes the text of a task. Escape closes it if nothing was typed. */
export function TaskEditor({ row, tasks }: { row: TaskRow; tasks: TaskList }) {
  const { title: before, description: descriptionBefore } = row.content;
  const title = useSignal(before);
  const description = useSignal(descriptionBefore);
  const close = () => {
    row.editing.value = false;
  };
  const save = (event: Event) => {
    event.preventDefault();
    tasks.change(row, { title: title.value.trim(), description: description.value });
    close();
  };
  const closeIfUnchanged = ({ key }: KeyboardEvent) => {
    if (key === 'Escape' && title.value === before && description.value === descriptionBefore) close();
  };
  return (
    <form class="editor" onSubmit={save} onKeyDown={closeIfUnchanged}>
      <TextField label="Title" value={title} focused autocomplete="off" required pattern=".*\S.*" />
      <TextArea label="Description" value={description} />
      <div class="actions">
        <button type="submit" class="primary">
          Save
        </button>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </div>
    </form>
  );
}
