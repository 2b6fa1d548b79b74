import { type Signal, signal } from '@preact/signals';
import { asFailure, Failure } from '../api/failure.ts';
import { newKey, type Task, type TaskApi, type TaskContent } from '../api/task-api.ts';

/** Whether the server has what the person wants. */
export type Progress = 'saved' | 'saving' | Failure;

let rows = 0;

/**
 * A task on the page. It shows what the person wants, and makes the server follow: it sends the difference between the
 * two, one request at a time, until there is none. If a request fails, the row keeps what the person wants.
 */
export class TaskRow {
  readonly key: number;
  readonly progress: Signal<Progress> = signal('saved');
  /** Whether the form that edits the task is open. */
  readonly editing = signal(false);
  private readonly wanted: Signal<TaskContent>;
  private readonly unwanted = signal(false);
  /** The task as the server has it, as far as this page knows. */
  private readonly saved: Signal<Task | undefined>;
  private following: Promise<void> = Promise.resolve();
  /** A create that may have reached the server. It is repeated as it was, and later edits are sent as a change. */
  private creation: { readonly content: TaskContent; readonly key: string } | undefined;

  private constructor(
    private readonly api: TaskApi,
    wanted: TaskContent,
    saved: Task | undefined,
  ) {
    rows += 1;
    this.key = rows;
    this.wanted = signal(wanted);
    this.saved = signal(saved);
  }

  /** A task that the server returned. */
  static of(api: TaskApi, task: Task): TaskRow {
    return new TaskRow(api, contentOf(task), task);
  }

  /** A task that the person has just entered. */
  static new(api: TaskApi, content: TaskContent): TaskRow {
    return new TaskRow(api, content, undefined);
  }

  /** What to show. Of a removed task: what it was. */
  get content(): TaskContent {
    return this.wanted.value;
  }

  /** The id on the server, once the task is there. */
  get id(): string | undefined {
    return this.saved.value?.id;
  }

  /** Whether the person has removed the task. */
  get removed(): boolean {
    return this.unwanted.value;
  }

  /** Whether something would be lost if the page were closed. */
  get unsaved(): boolean {
    return this.progress.value !== 'saved' || this.editing.value;
  }

  /** Changes the task, or restores it if it was removed. `sync` sends the change. */
  want(change: Partial<TaskContent>): void {
    this.wanted.value = { ...this.wanted.value, ...change };
    this.unwanted.value = false;
  }

  /** Removes the task. `sync` sends the removal. */
  remove(): void {
    this.unwanted.value = true;
  }

  /** Gives up what the server has not accepted. A task that it does not have disappears. */
  discard(): void {
    const saved = this.saved.value;
    this.unwanted.value = saved === undefined;
    if (saved !== undefined) this.wanted.value = contentOf(saved);
    this.progress.value = 'saved';
  }

  /** Takes over what the server has, unless the person wants something else. */
  refresh(task: Task): void {
    if (this.progress.value !== 'saved') return;
    this.saved.value = task;
    this.wanted.value = contentOf(task);
  }

  /** Makes the server follow. Settles once it does, or once a request fails; it never rejects. */
  sync(): Promise<void> {
    if (this.progress.value !== 'saving') {
      this.progress.value = 'saving';
      this.following = this.follow();
    }
    return this.following;
  }

  private async follow(): Promise<void> {
    try {
      while (await this.sendDifference());
      this.progress.value = 'saved';
    } catch (error) {
      this.progress.value = asFailure(error);
    }
  }

  /** @returns whether there was a difference */
  private async sendDifference(): Promise<boolean> {
    const [saved, wanted] = [this.saved.value, this.wanted.value];
    if (this.unwanted.value) {
      if (saved === undefined) return false;
      await this.api.remove(saved.id);
      this.saved.value = undefined;
      return true;
    }
    const difference = saved && differenceBetween(contentOf(saved), wanted);
    if (difference && Object.keys(difference).length === 0) return false;
    const sent = saved ? wanted : (this.creation?.content ?? wanted);
    const task = saved && difference ? await this.change(saved.id, difference) : await this.create(sent);
    this.saved.value = task;
    // The server may trim a text. Otherwise the difference would never end.
    const { title, description } = contentOf(task);
    if (this.wanted.value === sent) this.wanted.value = { ...sent, title, description };
    return true;
  }

  private async create(content: TaskContent): Promise<Task> {
    this.creation ??= { content, key: newKey() };
    try {
      const task = await this.api.create(content, this.creation.key);
      this.creation = undefined;
      return task;
    } catch (error) {
      if (!(error instanceof Failure && error.kind === 'unreachable')) this.creation = undefined;
      throw error;
    }
  }

  private async change(id: string, difference: Partial<TaskContent>): Promise<Task> {
    try {
      return await this.api.change(id, difference);
    } catch (error) {
      if (!(error instanceof Failure && error.kind === 'missing')) throw error;
      this.saved.value = undefined;
      throw new Failure('missing', 'The task was deleted elsewhere. Try again to save it as a new task.');
    }
  }
}

function contentOf({ title, description, completed }: Task): TaskContent {
  return { title, description: description ?? '', completed };
}

function differenceBetween(saved: TaskContent, wanted: TaskContent): Partial<TaskContent> {
  return {
    ...(saved.title !== wanted.title && { title: wanted.title }),
    ...(saved.description !== wanted.description && { description: wanted.description }),
    ...(saved.completed !== wanted.completed && { completed: wanted.completed }),
  };
}
