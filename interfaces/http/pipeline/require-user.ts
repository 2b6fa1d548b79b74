import type { RouterMiddleware } from '@koa/router';
import { RateLimited, Unauthenticated } from '../../../application/application-errors.ts';
import type { Admission, RequestGuard } from '../../../application/request-guard.ts';
import type { HttpResponse } from '../contracts/http-response.ts';
import { UserMismatch } from '../errors/http-errors.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';
import type { RequestState, RouteContext } from './request-state.ts';
import { sendResponse } from './send-response.ts';
import type { UnreadResponses } from './unread-responses.ts';

/** A handler that needs a signed-in user. Without `requireUser` it is not a route. */
export type UserHandler = (ctx: RouteContext, admitted: Admission) => Promise<HttpResponse>;

/**
 * Makes a route of a handler that needs a user. The route refuses requests that the guard refuses, and requests whose
 * path names another user (`:user_id`).
 */
export function requireUser(
  guard: RequestGuard,
  unread: UnreadResponses,
  handler: UserHandler,
): RouterMiddleware<RequestState> {
  return async (ctx) => {
    const admitted = await admit(ctx, guard);
    if (ctx.params.user_id !== undefined && ctx.params.user_id !== admitted.user) throw new UserMismatch();
    return sendResponse(ctx, await handler(ctx, admitted), unread);
  };
}

/** Asks the guard, stores the user for the logs, and sets the rate limit headers. */
async function admit(ctx: RouteContext, guard: RequestGuard): Promise<Admission> {
  try {
    const admitted = await guard.admit(readBearerToken(ctx.get('authorization')), ctx.state.address);
    const { user, usage } = admitted;
    ctx.state.user = user;
    if (usage) {
      const headers = rateLimitHeaders('user', usage.rate, usage.quota);
      for (const [name, value] of Object.entries(headers)) ctx.res.setHeader(name, value);
    }
    return admitted;
  } catch (error) {
    if (error instanceof RateLimited && error.user !== undefined) ctx.state.user = error.user;
    throw error;
  }
}

/**
 * The token of an Authorization header (RFC 6750, section 2.1), or an error that says why there is none. The scheme is
 * case-insensitive (RFC 9110, section 11.1).
 */
function readBearerToken(header: string): string | Unauthenticated {
  if (!/^Bearer\b/i.test(header)) {
    return new Unauthenticated('Sign in first: the Authorization header with a Bearer token is missing', false);
  }
  const [, token] = /^Bearer +([^\s,]+)$/i.exec(header) ?? [];
  return token ?? new Unauthenticated('the Authorization header must be: Bearer, a space, one token');
}
