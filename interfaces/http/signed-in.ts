import type { RouterMiddleware } from '@koa/router';
import { Unauthenticated } from '../../application/errors.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import type { UserId } from '../../domain/user-id.ts';
import { RequestRefused } from './errors.ts';
import type { RequestState, RouteContext } from './request-state.ts';

/** A handler that cannot run without a user: it is handed one, and only `signedIn` has one to give. */
export type SignedInHandler = (ctx: RouteContext, user: UserId) => Promise<void>;

/** Makes a route of such a handler. Where the path names a user (`:user_id`), it has to be the one who signs in. */
export function signedIn(tokens: TokenVerifier, handler: SignedInHandler): RouterMiddleware<RequestState> {
  return async (ctx) => {
    const user = await tokens.verify(bearerToken(ctx.get('authorization')));
    ctx.state.user = user;
    if (ctx.params.user_id !== undefined && ctx.params.user_id !== user) {
      throw notTheirs();
    }
    await handler(ctx, user);
  };
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

export function notTheirs(): RequestRefused {
  return new RequestRefused('forbidden', 'The user in the path is not the user who is signed in');
}
