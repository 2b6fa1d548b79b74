import { useLayoutEffect, useRef } from 'preact/hooks';
import { Failure } from '../api/failure.ts';
import type { TaskList } from '../state/task-list.ts';
import type { TaskRow } from '../state/task-row.ts';
import { FailureMessage } from './failure-message.tsx';
import { TaskEditor } from './task-editor.tsx';

/** A task in the list: to complete, edit and delete. */
export function TaskItem({ row, tasks }: { row: TaskRow; tasks: TaskList }) {
  const { title, description, completed } = row.content;
  const editing = row.editing.value;
  const editButton = useFocusAfter(editing);
  const remove = () => {
    tasks.remove(row);
    // The button with the focus disappears.
    requestAnimationFrame(() => document.querySelector<HTMLElement>('.removed button')?.focus());
  };
  return (
    <li class={completed ? 'task completed' : 'task'} aria-busy={row.progress.value === 'saving'}>
      {editing ? (
        <TaskEditor row={row} tasks={tasks} />
      ) : (
        <div class="line">
          <label>
            <input type="checkbox" checked={completed} onChange={() => tasks.change(row, { completed: !completed })} />
            <span class="title">{title}</span>
          </label>
          <div class="actions">
            <button
              ref={editButton}
              type="button"
              aria-label={`Edit ${title}`}
              onClick={() => {
                row.editing.value = true;
              }}
            >
              Edit
            </button>
            <button type="button" aria-label={`Delete ${title}`} onClick={remove}>
              Delete
            </button>
          </div>
          {description !== '' && <p class="description">{description}</p>}
        </div>
      )}
      {row.progress.value instanceof Failure && <FailedChange row={row} tasks={tasks} failure={row.progress.value} />}
    </li>
  );
}

function FailedChange({ row, tasks, failure }: { row: TaskRow; tasks: TaskList; failure: Failure }) {
  const { title } = row.content;
  const discard = row.id === undefined ? 'Discard task' : row.removed ? 'Keep task' : 'Discard change';
  return (
    <FailureMessage text={`${row.removed ? 'Not deleted' : 'Not saved'}. ${failure.message}`}>
      <button type="button" aria-label={`Try again: ${title}`} onClick={() => tasks.send(row)}>
        Try again
      </button>
      <button type="button" aria-label={`${discard}: ${title}`} onClick={() => row.discard()}>
        {discard}
      </button>
    </FailureMessage>
  );
}

/** Focuses the button once the editor has closed. */
function useFocusAfter(editing: boolean) {
  const button = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(editing);
  useLayoutEffect(() => {
    if (wasEditing.current && !editing) button.current?.focus();
    wasEditing.current = editing;
  }, [editing]);
  return button;
}
