import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import type { RequestState } from './request-state.ts';

/** The ids that a client or proxy may set: short, with characters that are safe in headers and logs. */
const VALID = /^[\w.:/+=-]{1,128}$/;

/** Takes the id of a request from `X-Request-Id`, or makes one, and returns it in the same header. */
export const requestId: Middleware<RequestState> = (ctx, next) => {
  const given = ctx.get('x-request-id');
  ctx.state.requestId = VALID.test(given) ? given : randomUUID();
  ctx.res.setHeader('X-Request-Id', ctx.state.requestId);
  return next();
};
