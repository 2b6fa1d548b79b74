import type { UserId } from '../domain/user-id.ts';
import type { Clock } from './ports/clock.ts';
import type { TaskPositions } from './ports/task-positions.ts';
import type { TaskRepository } from './ports/task-repository.ts';
import type { Timer } from './ports/timer.ts';
import { Watch } from './watch.ts';
import { WATCH_LIMITS, type WatchLimits, WatchSlots } from './watch-slots.ts';

/** How often the positions of all watched users are read, in milliseconds. */
export const POLL_INTERVAL_MS = 500;
/** The longest time that a watch lasts, in milliseconds, however long its token is valid. */
export const WATCH_MAX_MS = 24 * 60 * 60 * 1000;

/** Called once when the positions cannot be read, and once when they can be read again. */
export interface WatchReport {
  failed(error: unknown): void;
  recovered(): void;
}

interface Dependencies {
  readonly tasks: TaskRepository;
  readonly positions: TaskPositions;
  readonly timer: Timer;
  readonly clock: Pick<Clock, 'epochMs'>;
  readonly report: WatchReport;
  readonly limits?: WatchLimits;
}

interface Watching {
  readonly owner: UserId;
  /** When the owner's token expires, in milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/**
 * Tells clients when an owner's tasks have changed, whichever instance changed them. One reading of positions serves all
 * watches of this process, and there is none while nobody watches. If it fails, the watches stay open.
 */
export class WatchTasks {
  private readonly watches = new Set<Watch>();
  /** Also those of watches that are being opened. */
  private readonly slots: WatchSlots;
  private stopTimer: (() => void) | undefined;
  private isReading = false;
  private isFailing = false;
  private isClosed = false;

  constructor(private readonly dependencies: Dependencies) {
    this.slots = new WatchSlots(dependencies.limits ?? WATCH_LIMITS);
  }

  /** The number of open watches. */
  get count(): number {
    return this.slots.taken;
  }

  /**
   * Opens a watch, whose first hint is the present position. It ends with the token, and after a day at the latest.
   *
   * @returns `refused` if too many watches are open, or after `close`
   * @throws Unavailable if the present position cannot be read
   */
  async execute({ owner, expiresAtMs }: Watching): Promise<Watch | 'refused'> {
    if (this.isClosed || !this.slots.take(owner)) return 'refused';
    const watch = await this.open(owner, expiresAtMs).catch((error) => {
      this.slots.free(owner);
      throw error;
    });
    if (!this.isClosed) return watch;
    watch.close();
    return 'refused';
  }

  /** Ends all watches, and opens no more. */
  close(): void {
    this.isClosed = true;
    for (const watch of this.watches) watch.close();
  }

  private async open(owner: UserId, expiresAtMs: number): Promise<Watch> {
    const { tasks, clock, timer } = this.dependencies;
    const endsAtMs = Math.min(expiresAtMs, clock.epochMs() + WATCH_MAX_MS);
    const state = await tasks.ownedBy(owner).state();
    const watch: Watch = new Watch(owner, endsAtMs, state?.position ?? 0, () => this.remove(watch));
    this.watches.add(watch);
    this.stopTimer ??= timer.every(POLL_INTERVAL_MS, () => this.tick());
    return watch;
  }

  private remove(watch: Watch): void {
    this.watches.delete(watch);
    this.slots.free(watch.owner);
    if (this.watches.size > 0) return;
    this.stopTimer?.();
    this.stopTimer = undefined;
  }

  private tick(): void {
    const nowMs = this.dependencies.clock.epochMs();
    for (const watch of this.watches) {
      if (nowMs >= watch.endsAtMs) watch.close();
      else watch.elapse(POLL_INTERVAL_MS);
    }
    if (this.watches.size > 0 && !this.isReading) void this.readPositions();
  }

  /**
   * Updates the watches that are open when the reading begins. One that is opened meanwhile may know a newer position.
   */
  private async readPositions(): Promise<void> {
    this.isReading = true;
    const watches = [...this.watches];
    try {
      const users = new Set(watches.map(({ owner }) => owner));
      const positions = await this.dependencies.positions.lastOf([...users]);
      for (const watch of watches) watch.update(positions.get(watch.owner) ?? 0);
      if (this.isFailing) this.dependencies.report.recovered();
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) this.dependencies.report.failed(error);
      this.isFailing = true;
    } finally {
      this.isReading = false;
    }
  }
}
