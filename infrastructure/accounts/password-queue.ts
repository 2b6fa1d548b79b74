import { Unavailable } from '../../application/application-errors.ts';
import type { Clock } from '../../application/ports/clock.ts';

export interface PasswordQueueLimits {
  /** How many passwords are hashed at the same time. */
  readonly atOnce: number;
  /** How many more may wait. */
  readonly waiting: number;
  /** How long they may wait. The server cuts a connection after 30 s without a byte. */
  readonly waitMs: number;
}

/**
 * A hash takes about 0.1 s of a processor and 32 MiB, in one of the four threads that Node.js also uses to verify
 * signatures, to read files and to resolve host names. Two of them stay free.
 */
const LIMITS: PasswordQueueLimits = { atOnce: 2, waiting: 60, waitMs: 20_000 };

const RETRY_AFTER_SECONDS = 5;

/** Lets passwords be hashed a few at a time, in the order in which they came. */
export class PasswordQueue {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly limits: PasswordQueueLimits = LIMITS,
  ) {}

  /** Runs `hash` when its turn has come. @throws Unavailable if it waited too long, or at once if too many wait already */
  async run<Result>(hash: () => Promise<Result>): Promise<Result> {
    await this.enter();
    try {
      return await hash();
    } finally {
      this.leave();
    }
  }

  private async enter(): Promise<void> {
    if (this.running < this.limits.atOnce) {
      this.running += 1;
      return;
    }
    if (this.waiting.length >= this.limits.waiting) throw tooMany();
    const sinceMs = this.clock.monotonicMs();
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.clock.monotonicMs() - sinceMs <= this.limits.waitMs) return;
    this.leave();
    throw tooMany();
  }

  /** Hands the place to the next one that waits. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.running -= 1;
    else next();
  }
}

function tooMany(): Unavailable {
  return new Unavailable('Too many users are signing in at the moment, try again', RETRY_AFTER_SECONDS);
}
