import type { components } from './003-backend-api.ts';
import { AccessToken } from './access-token.ts';
import { ContractClient } from './contract-client.ts';
import { Failure } from './failure.ts';

/** A task as the server returns it. */
export type Task = components['schemas']['Task'];

/** The fields of a task that a person sees and changes. */
export interface TaskContent {
  readonly title: string;
  readonly description: string;
  readonly completed: boolean;
}

const TASKS = '/api/{user_id}/tasks';
const TASK = '/api/{user_id}/tasks/{id}';

/** The tasks of one user. Every method throws `Failure`. */
export class TaskApi {
  private readonly client: ContractClient;

  constructor(private readonly userId: string) {
    this.client = new ContractClient(new AccessToken(userId));
  }

  /** Every task, newest first. */
  list(): Promise<readonly Task[]> {
    return this.client.send('get', TASKS, { params: { user_id: this.userId } });
  }

  /**
   * Creates a task that is not completed.
   *
   * @param key repeating a create with the same key and the same content returns the task of the first one
   */
  create({ title, description }: TaskContent, key: string): Promise<Task> {
    return this.client.send('post', TASKS, {
      params: { user_id: this.userId },
      headers: { 'Idempotency-Key': `"${key}"` },
      body: { title, description: description || null },
    });
  }

  change(id: string, { description, ...others }: Partial<TaskContent>): Promise<Task> {
    return this.client.send('patch', TASK, {
      params: { user_id: this.userId, id },
      body: { ...others, ...(description !== undefined && { description: description || null }) },
    });
  }

  /** Deletes a task. It does not matter whether somebody has deleted it before. */
  async remove(id: string): Promise<void> {
    try {
      await this.client.send('delete', TASK, { params: { user_id: this.userId, id } });
    } catch (error) {
      if (!(error instanceof Failure && error.kind === 'missing')) throw error;
    }
  }
}

/** A random key for one create. `crypto.randomUUID` is missing on pages that were loaded over HTTP from another machine. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
