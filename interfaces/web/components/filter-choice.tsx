import type { Filter, TaskList } from '../state/task-list.ts';

const FILTERS: readonly (readonly [filter: Filter, label: string])[] = [
  ['all', 'All'],
  ['active', 'Active'],
  ['completed', 'Completed'],
];

/** Chooses which tasks the list shows. */
export function FilterChoice({ tasks }: { tasks: TaskList }) {
  const present = tasks.present.value;
  const completed = present.filter((row) => row.content.completed).length;
  const counts = { all: present.length, active: present.length - completed, completed };
  return (
    <fieldset class="filters">
      <legend>Show</legend>
      {FILTERS.map(([filter, label]) => (
        <label key={filter}>
          <input
            type="radio"
            name="filter"
            checked={tasks.filter.value === filter}
            onChange={() => {
              tasks.filter.value = filter;
            }}
          />
          {label} <span class="count">{counts[filter]}</span>
        </label>
      ))}
    </fieldset>
  );
}
