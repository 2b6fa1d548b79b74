import type { Clock } from '../../application/ports/clock.ts';
import type { OwnedTasks, TaskRepository } from '../../application/ports/task-repository.ts';
import type { UserId } from '../../domain/user-id.ts';
import { InMemoryTasks } from './in-memory-tasks.ts';

/** Keeps tasks in the memory of the process, for tests and for programs without a database. */
export class InMemoryTaskRepository implements TaskRepository {
  private readonly owners = new Map<UserId, OwnedTasks>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  ownedBy(owner: UserId): OwnedTasks {
    const known = this.owners.get(owner);
    if (known !== undefined) return known;
    const tasks = new InMemoryTasks(owner, this.clock);
    this.owners.set(owner, tasks);
    return tasks;
  }
}
