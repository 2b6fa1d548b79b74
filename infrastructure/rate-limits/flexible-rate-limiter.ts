import type { IRateLimiterOptions, RateLimiterAbstract } from 'rate-limiter-flexible';
import type { Quota, Rate, RateLimiter } from '../../application/ports/rate-limiter.ts';

type Library = typeof import('rate-limiter-flexible');

/** A limiter of rate-limiter-flexible. The library loads beside the start, and only where a shared store is in use. */
export class FlexibleRateLimiter implements RateLimiter {
  private readonly limiter: Promise<Pick<RateLimiterAbstract, 'consume'>>;

  constructor(
    readonly rate: Rate,
    create: (library: Library, options: IRateLimiterOptions) => RateLimiterAbstract,
  ) {
    const options = {
      points: rate.limit,
      duration: rate.window,
      inMemoryBlockOnConsumed: rate.limit, // no round trip for a key above its limit until the window ends
    };
    this.limiter = import('rate-limiter-flexible').then((library) => create(library, options));
  }

  async take(key: string): Promise<Quota> {
    const limiter = await this.limiter;
    try {
      return toQuota(true, await limiter.consume(key));
    } catch (thrown) {
      if (isResult(thrown)) return toQuota(false, thrown);
      throw thrown;
    }
  }
}

interface Result {
  readonly remainingPoints: number;
  readonly msBeforeNext: number;
}

/** The library throws a result when the limit is reached, and an error when it could not count. */
function isResult(thrown: unknown): thrown is Result {
  return !(thrown instanceof Error) && typeof thrown === 'object' && thrown !== null && 'msBeforeNext' in thrown;
}

function toQuota(allowed: boolean, { remainingPoints, msBeforeNext }: Result): Quota {
  return { allowed, remaining: remainingPoints, resetAfter: Math.max(1, Math.ceil(msBeforeNext / 1000)) };
}
