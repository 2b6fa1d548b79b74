import { RateLimited } from '../../../application/errors.ts';
import type { Quota, Rate, RateLimiter, RateLimits } from '../../../application/ports/rate-limiter.ts';
import type { UserId } from '../../../domain/user-id.ts';
import { networkOf } from './client-address.ts';
import type { RouteContext } from './request-state.ts';

/** Counts a request of a user, and tells in its headers what is left. @throws RateLimited */
export async function countRequest(ctx: RouteContext, limiter: RateLimiter, user: UserId): Promise<void> {
  const quota = await limiter.take(user);
  if (!quota.allowed) throw new RateLimited('user', limiter.rate, quota);
  const headers = rateLimitHeaders('user', limiter.rate, quota);
  for (const [name, value] of Object.entries(headers)) ctx.res.setHeader(name, value);
}

/** Counts a request that proves nobody's identity. What is left is not told: who is guessing need not know. @throws RateLimited */
export async function countFailedAuthentication(ctx: RouteContext, limiter: RateLimiter): Promise<void> {
  const quota = await limiter.take(networkOf(ctx.state.address));
  if (!quota.allowed) throw new RateLimited('failedAuthentication', limiter.rate, quota);
}

/** Each limit by the name that answers and logs have for it. */
export const POLICIES: Record<keyof RateLimits, string> = {
  user: 'user',
  failedAuthentication: 'failed-authentication',
};

/** As draft-ietf-httpapi-ratelimit-headers has them: structured fields, the policy by its name. */
export function rateLimitHeaders(
  limit: keyof RateLimits,
  { limit: most, window }: Rate,
  { remaining, resetAfter }: Quota,
): { 'RateLimit-Policy': string; RateLimit: string } {
  const policy = POLICIES[limit];
  return {
    'RateLimit-Policy': `"${policy}";q=${most};w=${window}`,
    RateLimit: `"${policy}";r=${remaining};t=${resetAfter}`,
  };
}
