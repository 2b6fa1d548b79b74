import type { UserId } from '../../domain/user-id.ts';

/** The positions of several users at once. It tells numbers only: the tasks themselves are behind `TaskRepository`. */
export interface TaskPositions {
  /**
   * The position of the last write of each user, as of the call or later. A user who has never had a task is missing.
   *
   * @throws Unavailable while the store is out of reach
   */
  lastOf(users: readonly UserId[]): Promise<ReadonlyMap<UserId, number>>;
}
