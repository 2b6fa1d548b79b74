import Router, { type RouterMiddleware } from '@koa/router';
import { MethodNotAllowed } from '../errors/http-errors.ts';
import type { RequestState, RouteContext } from '../pipeline/request-state.ts';
import { type PageFile, readPageFiles } from './page-files.ts';

/** The page loads everything from this server, and runs scripts from files only. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** A year, in seconds. The name of a script or a style changes with its contents. */
const UNCHANGING = 'public, max-age=31536000, immutable';

/**
 * Serves the page for tasks at `/app`. The page needs the routes of Better Auth at `/api/auth`, on the same origin.
 *
 * @param read reads the files of the page. Default: those of the build
 */
export function taskPageRoutes(
  read: () => Promise<ReadonlyMap<string, PageFile>> = readPageFiles,
): RouterMiddleware<RequestState> {
  const router = new Router<RequestState>();
  let files: Promise<ReadonlyMap<string, PageFile>> | undefined;
  const file = async (name: string) => {
    files ??= read().catch((error) => {
      files = undefined;
      throw error;
    });
    return (await files).get(name);
  };

  router.get('taskPage', '/app', async (ctx) => {
    const page = await file('index.html');
    if (page === undefined) throw new Error('the page for tasks is not built: run `npm run build`');
    ctx.set('Content-Security-Policy', PAGE_POLICY);
    send(ctx, page, 'no-cache');
  });
  router.all('/app', (ctx) => {
    ctx.set('Allow', 'GET, HEAD');
    throw new MethodNotAllowed(ctx.method, 'GET, HEAD');
  });
  router.get('taskPageFile', '/app/assets/:file', async (ctx, next) => {
    const asset = await file(`assets/${ctx.params.file}`);
    if (asset === undefined) await next();
    else send(ctx, asset, UNCHANGING);
  });
  return router.routes();
}

function send(ctx: RouteContext, { type, etag, plain, gzipped }: PageFile, caching: string): void {
  ctx.set('Cache-Control', caching);
  ctx.type = type;
  ctx.vary('Accept-Encoding');
  ctx.status = 200;
  const compressed = ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
  ctx.etag = compressed ? `${etag}-gzip` : etag;
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  if (compressed) ctx.set('Content-Encoding', 'gzip');
  ctx.body = compressed ? gzipped : plain;
}
