import type { RouterMiddleware } from '@koa/router';
import { Unauthenticated } from '../../../application/errors.ts';
import type { RateLimits } from '../../../application/ports/rate-limiter.ts';
import type { TokenVerifier } from '../../../application/ports/token-verifier.ts';
import type { UserId } from '../../../domain/user-id.ts';
import { UserMismatch } from '../errors/http-errors.ts';
import { countFailedAuthentication, countRequest } from './rate-limits.ts';
import type { RequestState, RouteContext } from './request-state.ts';

/** What a request has to pass on its way to a handler. */
export interface RequestGuard {
  readonly tokens: TokenVerifier;
  /** `undefined`: there are none. */
  readonly limits: RateLimits | undefined;
}

/** A handler that cannot run without a user: it is handed one, and only `requireUser` has one to give. */
export type UserHandler = (ctx: RouteContext, user: UserId) => Promise<void>;

/** Makes a route of such a handler. Where the path names a user (`:user_id`), it has to be the one who signs in. */
export function requireUser(admission: RequestGuard, handler: UserHandler): RouterMiddleware<RequestState> {
  return async (ctx) => {
    const user = await authenticated(ctx, admission);
    ctx.state.user = user;
    if (admission.limits) await countRequest(ctx, admission.limits.user, user);
    if (ctx.params.user_id !== undefined && ctx.params.user_id !== user) {
      throw new UserMismatch();
    }
    await handler(ctx, user);
  };
}

/**
 * Verifies first and counts what fails: whoever has a good token is let in, however many behind the same address have
 * not. The price is that a flood of bad tokens is verified, each of them; that takes microseconds.
 */
async function authenticated(ctx: RouteContext, { tokens, limits }: RequestGuard): Promise<UserId> {
  try {
    return await tokens.verify(bearerToken(ctx.get('authorization')));
  } catch (thrown) {
    // Not where the keys are out of reach: the token may be a good one.
    if (limits && thrown instanceof Unauthenticated) await countFailedAuthentication(ctx, limits.failedAuthentication);
    throw thrown;
  }
}

/** RFC 6750, section 2.1. The scheme is case-insensitive (RFC 9110, section 11.1). */
function bearerToken(header: string): string {
  if (!/^Bearer\b/i.test(header))
    throw new Unauthenticated('Sign in first: the Authorization header with a Bearer token is missing', false);
  const [, token] = /^Bearer +([^\s,]+)$/i.exec(header) ?? [];
  if (token === undefined)
    throw new Unauthenticated('the Authorization header must be: Bearer, a space, one token', true);
  return token;
}
