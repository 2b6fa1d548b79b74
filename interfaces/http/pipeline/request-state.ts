import type { RouterContext } from '@koa/router';
import type { ParameterizedContext } from 'koa';
import type { UserId } from '../../../domain/user-id.ts';
import type { HttpResponse } from '../contracts/http-response.ts';
import type { Failure } from '../errors/error-table.ts';

/** The properties of a request that the pipeline collects. */
export interface RequestState {
  requestId: string;
  /** The client's address, or `unknown`. */
  address: string;
  /** Set if the request was refused before it reached its route, because the server is overloaded. */
  overloaded?: true;
  /** Set if the response is a stream of events, which may last for hours. */
  sendsEvents?: true;
  /** The response of the endpoint to an error, in place of the contract's. */
  answerTo?: (failure: Failure) => HttpResponse | undefined;
  /** The signed-in user, once the token is verified. */
  user?: UserId;
}

/** Koa's context of a request. */
export type RequestContext = ParameterizedContext<RequestState>;
/** The context within a route, with the parameters of the path. */
export type RouteContext = RouterContext<RequestState>;
