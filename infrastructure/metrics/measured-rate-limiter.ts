import type { Quota, Rate, RateLimiter } from '../../application/ports/rate-limiter.ts';

/** Reports the decision on each request. */
export class MeasuredRateLimiter implements RateLimiter {
  readonly rate: Rate;

  constructor(
    private readonly limiter: RateLimiter,
    private readonly report: (allowed: boolean) => void,
  ) {
    this.rate = limiter.rate;
  }

  async take(key: string): Promise<Quota> {
    const quota = await this.limiter.take(key);
    this.report(quota.allowed);
    return quota;
  }
}
