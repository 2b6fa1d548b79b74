import type { RouterContext } from '@koa/router';
import type { ParameterizedContext } from 'koa';
import type { UserId } from '../../../domain/user-id.ts';

/** What a request carries with it on its way in. */
export interface RequestState {
  requestId: string;
  /** The address that it comes from, or `unknown`. */
  address: string;
  /** Who sends it; known once the token is verified. */
  user?: UserId;
}

export type RequestContext = ParameterizedContext<RequestState>;
/** The same within a route, with the parameters of its path. */
export type RouteContext = RouterContext<RequestState>;
