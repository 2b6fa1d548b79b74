import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type Router from '@koa/router';
import type { Contract } from '../contracts/contract.ts';
import type { RequestState, RouteContext } from '../pipeline/request-state.ts';
import type { OpenApi } from './openapi.ts';
import { redocPage, START_REDOC, START_SWAGGER_UI, swaggerUiPage } from './pages.ts';
import { sendPage } from './send-page.ts';
import { type Welcome, welcomeJson, welcomePage } from './welcome.ts';

/** The scripts and styles of the pages: our own, and files that the build copies from npm packages. */
const OWN = new Map([
  ['start-swagger-ui.js', START_SWAGGER_UI],
  ['start-redoc.js', START_REDOC],
]);
const COPIED = ['swagger-ui.css', 'swagger-ui-bundle.js', 'redoc.standalone.js'];

/** Adds the routes of the documentation to a contract's router. */
export function addDocumentation(
  router: Router<RequestState>,
  contract: Contract,
  prefix: string,
  welcome: Welcome,
): void {
  let document: OpenApi | undefined;
  router.get('openapi', '/openapi.json', async (ctx) => {
    // Loaded on the first request, because the start does not need it.
    document ??= (await import('./openapi.ts')).openApi(contract, prefix);
    ctx.body = document;
  });
  router.get('docs', '/docs', (ctx) => sendPage(ctx, swaggerUiPage(contract, prefix)));
  router.get('redoc', '/redoc', (ctx) => sendPage(ctx, redocPage(contract, prefix)));
  router.get('docsFile', '/docs/:file', sendAsset);
  router.get('welcome', '/', (ctx) => {
    ctx.vary('Accept');
    if (ctx.accepts('json', 'html') === 'html') sendPage(ctx, welcomePage(welcome, originOf(ctx)));
    else ctx.body = welcomeJson(welcome);
  });
}

/** The origin, normalized as a URL: the Host header is untrusted and must not inject HTML. */
function originOf(ctx: RouteContext): string {
  const origin = `${ctx.protocol}://${ctx.host}`;
  return URL.canParse(origin) ? new URL(origin).origin : 'http://localhost:8000';
}

async function sendAsset(ctx: RouteContext): Promise<void> {
  const { file = '' } = ctx.params;
  const own = OWN.get(file);
  if (own === undefined && !COPIED.includes(file)) return;
  const path = join(createRequire(import.meta.url).resolve('taskwell/package.json'), '../dist/assets', file);
  const stats = own === undefined ? await stat(path) : undefined;
  // Headers come after everything that can fail, so that no cache keeps an error.
  ctx.set('Cache-Control', 'public, max-age=3600');
  ctx.type = file.endsWith('.css') ? 'css' : 'js';
  ctx.status = 200;
  if (stats === undefined) {
    ctx.body = own;
    return;
  }
  ctx.etag = `${stats.size}-${stats.mtimeMs}`;
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  ctx.length = stats.size;
  ctx.body = createReadStream(path);
}
