import type { Quota, RateLimiter, RateLimits } from '../../application/ports/rate-limiter.ts';

/** The same limits, which report the decision on each request. */
export function measuredRateLimits(
  limits: RateLimits,
  report: (limit: keyof RateLimits, allowed: boolean) => void,
): RateLimits {
  const measured = (limit: keyof RateLimits): RateLimiter => ({
    rate: limits[limit].rate,
    async take(key: string): Promise<Quota> {
      const quota = await limits[limit].take(key);
      report(limit, quota.allowed);
      return quota;
    },
  });
  return {
    user: measured('user'),
    failedAuthentication: measured('failedAuthentication'),
    signInNetwork: measured('signInNetwork'),
    signInEmail: measured('signInEmail'),
  };
}
