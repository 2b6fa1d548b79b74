import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import type { RequestState } from './request-state.ts';

/** An id that somebody before us may have given: short, and of characters that are safe in a header and in a log. */
const SANE = /^[\w.:/+=-]{1,128}$/;

/** Every request has an id, its sender's or a new one, and every answer tells it. */
export const requestId: Middleware<RequestState> = (ctx, next) => {
  const given = ctx.get('x-request-id');
  ctx.state.requestId = SANE.test(given) ? given : randomUUID();
  ctx.res.setHeader('X-Request-Id', ctx.state.requestId);
  return next();
};
