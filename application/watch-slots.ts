import type { UserId } from '../domain/user-id.ts';

/** How many watches may be open. */
export interface WatchLimits {
  readonly perUser: number;
  /** In this process. */
  readonly total: number;
}

export const WATCH_LIMITS: WatchLimits = { perUser: 16, total: 20_000 };

/** Counts the watches of each user. */
export class WatchSlots {
  private readonly takenByUser = new Map<UserId, number>();
  private total = 0;

  constructor(private readonly limits: WatchLimits) {}

  get taken(): number {
    return this.total;
  }

  /** Takes a slot for a user. @returns whether there was one */
  take(user: UserId): boolean {
    const taken = this.takenByUser.get(user) ?? 0;
    if (taken >= this.limits.perUser || this.total >= this.limits.total) return false;
    this.takenByUser.set(user, taken + 1);
    this.total += 1;
    return true;
  }

  free(user: UserId): void {
    const left = (this.takenByUser.get(user) ?? 0) - 1;
    if (left > 0) this.takenByUser.set(user, left);
    else this.takenByUser.delete(user);
    this.total -= 1;
  }
}
