import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import type { Quota, Rate, RateLimiter } from '../../application/ports/rate-limiter.ts';

type Library = typeof import('rate-limiter-flexible');
type Counter = Pick<RateLimiterAbstract, 'consume'>;

/** A limiter of rate-limiter-flexible. The library is loaded beside the start and not before it: it takes a while. */
export class FlexibleRateLimiter implements RateLimiter {
  private readonly limiter: Promise<Counter>;

  constructor(
    readonly rate: Rate,
    make: (library: Library) => Counter,
  ) {
    this.limiter = import('rate-limiter-flexible').then(make);
  }

  async take(key: string): Promise<Quota> {
    const limiter = await this.limiter;
    try {
      return quota(true, await limiter.consume(key));
    } catch (thrown) {
      if (isResult(thrown)) return quota(false, thrown);
      throw thrown;
    }
  }
}

interface Result {
  readonly remainingPoints: number;
  readonly msBeforeNext: number;
}

/** The library throws its result where the limit is reached, and an error where it could not count. */
function isResult(thrown: unknown): thrown is Result {
  return !(thrown instanceof Error) && typeof thrown === 'object' && thrown !== null && 'msBeforeNext' in thrown;
}

function quota(allowed: boolean, { remainingPoints, msBeforeNext }: Result): Quota {
  return { allowed, remaining: remainingPoints, resetAfter: Math.max(1, Math.ceil(msBeforeNext / 1000)) };
}
