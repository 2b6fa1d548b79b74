import { computed, signal } from '@preact/signals';
import { asFailure, Failure } from '../api/failure.ts';
import type { Task, TaskApi, TaskContent } from '../api/task-api.ts';
import { TaskRow } from './task-row.ts';

export type Filter = 'all' | 'active' | 'completed';

/** The tasks of the signed-in user. */
export class TaskList {
  readonly filter = signal<Filter>('all');
  /** How far the list has been read from the server. */
  readonly reading = signal<'reading' | 'read' | Failure>('reading');
  /** The task that was removed last, which can be restored. */
  readonly lastRemoved = signal<TaskRow | undefined>(undefined);

  private readonly rows = signal<readonly TaskRow[]>([]);

  /** Every task that is not removed. If the removal failed, the task is there again. */
  readonly present = computed(() =>
    this.rows.value.filter((row) => !row.removed || row.progress.value instanceof Failure),
  );

  /** The tasks that match the filter, and those that need attention. */
  readonly visible = computed(() =>
    this.present.value.filter(
      (row) =>
        this.filter.value === 'all' ||
        row.content.completed === (this.filter.value === 'completed') ||
        row.editing.value ||
        row.progress.value instanceof Failure,
    ),
  );

  /** What is in the form for a new task. */
  readonly entered = { title: signal(''), description: signal('') };

  /** How many tasks have changes that the server does not have. */
  readonly unsaved = computed(() => {
    const { title, description } = this.entered;
    return this.rows.value.filter((row) => row.unsaved).length + (title.value || description.value ? 1 : 0);
  });

  /** Whether the person has to sign in again. */
  readonly sessionEnded = computed(() =>
    [this.reading.value, ...this.rows.value.map((row) => row.progress.value)].some(
      (state) => state instanceof Failure && state.kind === 'signed-out',
    ),
  );

  /** The writes so far, to notice whether there were some while the list was read. */
  private writes = 0;

  constructor(private readonly api: TaskApi) {}

  /** Adds the task that was entered, at the top. */
  add(): void {
    const { title, description } = this.entered;
    const content = { title: title.value.trim(), description: description.value, completed: false };
    const row = TaskRow.new(this.api, content);
    title.value = '';
    description.value = '';
    this.rows.value = [row, ...this.rows.value];
    this.send(row);
  }

  change(row: TaskRow, change: Partial<TaskContent>): void {
    row.want(change);
    this.send(row);
  }

  /** Removes a task. `restore` brings it back. */
  remove(row: TaskRow): void {
    this.lastRemoved.value = row;
    row.remove();
    this.send(row);
  }

  /** Restores the task that was removed last. If the server has removed it already, it becomes a new task there. */
  restore(): void {
    const row = this.lastRemoved.value;
    this.lastRemoved.value = undefined;
    if (row === undefined) return;
    if (!this.rows.value.includes(row)) this.rows.value = [row, ...this.rows.value];
    this.change(row, {});
  }

  /** Sends what the server does not have of a task, also after a failure. */
  send(row: TaskRow): void {
    this.writes += 1;
    void row.sync();
  }

  /** Sends again what failed, and reads the list again. */
  async recover(): Promise<void> {
    for (const row of this.rows.value) if (row.progress.value instanceof Failure) this.send(row);
    await this.refresh();
  }

  /** Reads the list from the server. What the server does not have yet stays. */
  async refresh(): Promise<void> {
    if (this.reading.value !== 'read') this.reading.value = 'reading';
    try {
      for (let complete = false; !complete; ) {
        await this.settled();
        const before = this.writes;
        const tasks = await this.api.list();
        // A list that was read during a write may lack it.
        complete = this.writes === before;
        if (complete) this.merge(tasks);
      }
      this.reading.value = 'read';
    } catch (error) {
      this.reading.value = asFailure(error);
    }
  }

  /** Waits until no request about a task is under way. */
  private async settled(): Promise<void> {
    const saving = this.rows.value.filter((row) => row.progress.value === 'saving');
    if (saving.length === 0) return;
    await Promise.all(saving.map((row) => row.sync()));
    await this.settled();
  }

  private merge(tasks: readonly Task[]): void {
    const known = new Map(this.rows.value.map((row) => [row.id, row]));
    const listed = tasks.map((task) => {
      const row = known.get(task.id) ?? TaskRow.of(this.api, task);
      row.refresh(task);
      return row;
    });
    const shown = new Set(listed);
    const others = this.rows.value.filter((row) => row.unsaved && !shown.has(row));
    this.rows.value = [...others, ...listed];
  }
}
