import type { IRateLimiterOptions, RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';
import type { Quota, Rate, RateLimiter } from '../../application/ports/rate-limiter.ts';

type Library = typeof import('rate-limiter-flexible');

/** A limiter of rate-limiter-flexible. The library is loaded in the background, and only if a shared store is configured. */
export class FlexibleRateLimiter implements RateLimiter {
  private readonly library = import('rate-limiter-flexible');
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
    this.limiter = this.library.then((library) => create(library, options));
  }

  async take(key: string): Promise<Quota> {
    const limiter = await this.limiter;
    try {
      return toQuota(true, await limiter.consume(key));
    } catch (thrown) {
      // The library throws a result if the limit is reached, and an error if it could not count.
      const { RateLimiterRes } = await this.library;
      if (thrown instanceof RateLimiterRes) return toQuota(false, thrown);
      throw thrown;
    }
  }
}

function toQuota(allowed: boolean, { remainingPoints, msBeforeNext }: RateLimiterRes): Quota {
  return { allowed, remaining: remainingPoints, resetAfter: Math.max(1, Math.ceil(msBeforeNext / 1000)) };
}
