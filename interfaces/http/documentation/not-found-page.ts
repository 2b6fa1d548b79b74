import type { Middleware } from 'koa';
import type { Contract } from '../contracts/contract.ts';
import type { RequestState } from '../pipeline/request-state.ts';
import { VERSION } from '../server/package-version.ts';
import { html, layout, navigation } from './layout.ts';
import { sendPage } from './send-page.ts';

/** Without the path that was requested: it is untrusted. */
const PAGE = layout({
  title: 'Page not found · Taskwell',
  head: '',
  body: html`${navigation(VERSION, '')}
<main>
<h1>Page not found</h1>
<p>This server has no page at this address. The <a href="/">start page</a> lists what it has.</p>
</main>`,
});

/**
 * Shows browsers a page if no route has the path. Programs get the error of the contract, and so does everyone at the
 * paths of its API: every error there is JSON, whatever the request accepts.
 *
 * @param prefix the path below which the contract answers
 */
export function notFoundPage({ endpoints }: Contract, prefix: string): Middleware<RequestState> {
  const ofApi = new Set(['api', ...endpoints.map(({ path }) => firstSegment(path))]);
  return async (ctx, next) => {
    await next();
    const isUnrouted = ctx.status === 404 && (ctx.body === undefined || ctx.body === null);
    if (!isUnrouted || ofApi.has(firstSegment(ctx.path.slice(prefix.length)))) return;
    if (ctx.accepts('json', 'html') !== 'html') return;
    ctx.status = 404;
    sendPage(ctx, PAGE);
  };
}

function firstSegment(path: string): string {
  return path.split('/', 2)[1] ?? '';
}
