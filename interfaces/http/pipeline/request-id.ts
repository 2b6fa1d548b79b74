import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import type { RequestState } from './request-state.ts';

/** An id that a client or proxy may set: short, with characters that are safe in headers and logs. */
const VALID = /^[\w.:/+=-]{1,128}$/;

/** Gives each request an id, the given one or a new one, and returns it in `X-Request-Id`. */
export const requestId: Middleware<RequestState> = (ctx, next) => {
  const given = ctx.get('x-request-id');
  ctx.state.requestId = VALID.test(given) ? given : randomUUID();
  ctx.res.setHeader('X-Request-Id', ctx.state.requestId);
  return next();
};
