/** A task of the contract 003-backend-api. */
export interface Task {
  id: string;
  title: string;
  description: string | null;
  completed: boolean;
  created_at: string;
  updated_at: string;
}

export type TaskChange = Task | { readonly id: string; readonly deleted: true };

/** What changed, up to a position. */
export interface TaskChanges {
  readonly changes: readonly TaskChange[];
  /** Where to go on. */
  readonly next: string;
  readonly position: number;
}

/** The outcome of a write. */
export interface Written {
  /** Whether the write happened. Otherwise, another client was faster. */
  readonly done: boolean;
  /** The task as the server now has it; `undefined`: it is deleted. */
  readonly task: Task | undefined;
  readonly position: number;
}

export interface Connection {
  /** The base URL of the contract, such as `https://tasks.example.com/contracts/003-backend-api`. */
  readonly url: string;
  readonly userId: string;
  readonly token: () => Promise<string>;
  /** For example the `fetch` that retries, of docs/frontends.md. Default: that of the platform. */
  readonly fetch?: typeof fetch;
}

/** The server does not accept a request, and never will. */
export class RequestRefused extends Error {}

/** Longer than the time between two heartbeats of the server, 20 seconds. */
const SILENCE_MAX_MS = 45_000;

export class TasksClient {
  constructor(private readonly connection: Connection) {}

  /**
   * Reads what changed.
   *
   * @param since `next` of the last call; `undefined`: begin with all tasks
   * @param enough how many changes to read at least, if there are as many. Default: all
   * @returns `expired` if the client has to begin again
   */
  async changes(since: string | undefined, enough = Number.POSITIVE_INFINITY): Promise<TaskChanges | 'expired'> {
    const changes: TaskChange[] = [];
    for (let next = since; ; ) {
      const query = new URLSearchParams({ limit: '500', ...(next !== undefined && { since: next }) });
      const response = await this.send('GET', `/changes?${query}`);
      if (response.status === 410) return 'expired';
      const page: { changes: TaskChange[]; next: string; more: boolean } = await response.json();
      changes.push(...page.changes);
      next = page.next;
      if (!page.more || changes.length >= enough) return { changes, next, position: positionOf(response) };
    }
  }

  /** Creates a task once, however often it is called with the same key within 24 hours. */
  async create(key: string, draft: Task): Promise<Written> {
    const { title, description } = draft;
    const headers = { 'Idempotency-Key': `"${key}"` };
    const response = await this.send('POST', '', { headers, body: JSON.stringify({ title, description }) });
    const created: Written = { done: true, task: await response.json(), position: positionOf(response) };
    if (!draft.completed || created.task === undefined) return created;
    const completed = await this.write(created.task, { ...created.task, completed: true }); // A new task is pending.
    return { done: true, task: completed.task, position: Math.max(created.position, completed.position) };
  }

  /**
   * Writes a task if it still is what the user saw. Changes have no ETag, so this compares the content, and `If-Match`
   * guards the time between the comparison and the write. An edit that is already there is not a conflict: the response
   * to it may have been lost.
   *
   * @param after `undefined`: delete the task
   */
  async write(before: Task, after: Task | undefined): Promise<Written> {
    for (;;) {
      const read = await this.send('GET', `/${before.id}`);
      if (read.status === 404) return { done: after === undefined, task: undefined, position: 0 };
      const task: Task = await read.json();
      const isExpected = hasSameContent(task, before) || (after !== undefined && hasSameContent(task, after));
      if (!isExpected) return { done: false, task, position: 0 };
      const headers = { 'If-Match': read.headers.get('ETag') ?? '' };
      const { title, description, completed } = after ?? before;
      const write = after
        ? await this.send('PUT', `/${before.id}`, { headers, body: JSON.stringify({ title, description, completed }) })
        : await this.send('DELETE', `/${before.id}`, { headers });
      if (write.ok) return { done: true, task: after && (await write.json()), position: positionOf(write) };
    }
  }

  /** Calls back at once, after each change, and after an interruption. Runs until the signal. */
  async watch(onPosition: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.readEvents(onPosition, signal).catch(() => {}); // The connection is lost: open another one.
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1_000 + Math.random() * 4_000));
    }
  }

  private async readEvents(onPosition: () => void, signal: AbortSignal): Promise<void> {
    const silence = new AbortController();
    const { body } = await this.send('GET', '/events', { signal: AbortSignal.any([signal, silence.signal]) });
    if (body === null) return;
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = '';
    for (;;) {
      const timeout = setTimeout(() => silence.abort(), SILENCE_MAX_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(timeout));
      if (done) return;
      const lines = (buffer + value).split('\n');
      buffer = lines.pop() ?? '';
      if (lines.some((line) => line.startsWith('data:'))) onPosition();
    }
  }

  /** @throws RequestRefused, or another error if it is worth trying again */
  private async send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const { url, userId, token, fetch: send = fetch } = this.connection;
    const headers = { ...init.headers, Authorization: `Bearer ${await token()}`, 'Content-Type': 'application/json' };
    const response = await send(`${url}/api/${userId}/tasks${path}`, { ...init, method, headers });
    if (response.ok || [404, 410, 412].includes(response.status)) return response;
    const message = `${response.status} ${await response.text()}`;
    throw [400, 413, 422].includes(response.status) ? new RequestRefused(message) : new Error(message);
  }
}

/** A new task, with an id of the client that the server replaces. It becomes the Idempotency-Key. */
export function taskDraft(title: string, description: string | null = null): Task {
  return { id: crypto.randomUUID(), title, description, completed: false, created_at: '', updated_at: '' };
}

export function hasSameContent(a: Task, b: Task): boolean {
  return a.title === b.title && a.description === b.description && a.completed === b.completed;
}

function positionOf(response: Response): number {
  return Number(response.headers.get('X-Task-Position') ?? 0);
}
