import type { Context } from 'koa';

/**
 * Pages load everything from this server. Swagger UI and Redoc write inline styles. Scripts come from files only, and
 * none uses `eval`. Redoc searches in a worker that it creates from a blob.
 */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Responds with a page for people. */
export function sendPage(ctx: Pick<Context, 'set' | 'type' | 'body'>, html: string): void {
  ctx.set('Content-Security-Policy', PAGE_POLICY);
  ctx.type = 'html';
  ctx.body = html;
}
