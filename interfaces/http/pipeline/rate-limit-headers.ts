import type { Quota, Rate, RateLimits } from '../../../application/ports/rate-limiter.ts';

/** The name of each limit in responses and logs. */
export const POLICIES: Record<keyof RateLimits, string> = {
  user: 'user',
  failedAuthentication: 'failed-authentication',
  signInNetwork: 'sign-in-network',
  signInEmail: 'sign-in-email',
};

/** The headers that state a limit and what is left of it (draft-ietf-httpapi-ratelimit-headers). */
export function rateLimitHeaders(
  limit: keyof RateLimits,
  { limit: requests, window }: Rate,
  { remaining, resetAfter }: Quota,
): { 'RateLimit-Policy': string; RateLimit: string } {
  const policy = POLICIES[limit];
  return {
    'RateLimit-Policy': `"${policy}";q=${requests};w=${window}`,
    RateLimit: `"${policy}";r=${remaining};t=${resetAfter}`,
  };
}
