import type { UserId } from '../domain/user-id.ts';
import type { TaskPositions } from './ports/task-positions.ts';
import type { TaskRepository } from './ports/task-repository.ts';

/** How many owners are asked for at the same time. */
const CONCURRENT = 50;

/** Asks a repository for the state of one owner after the other. It suits any repository, and few watched users. */
export class PositionsByOwner implements TaskPositions {
  constructor(private readonly tasks: TaskRepository) {}

  async lastOf(users: readonly UserId[]): Promise<ReadonlyMap<UserId, number>> {
    const positions = new Map<UserId, number>();
    for (let start = 0; start < users.length; start += CONCURRENT) {
      const batch = users.slice(start, start + CONCURRENT).map(async (user) => {
        const state = await this.tasks.ownedBy(user).state();
        if (state !== undefined) positions.set(user, state.position);
      });
      await Promise.all(batch);
    }
    return positions;
  }
}
