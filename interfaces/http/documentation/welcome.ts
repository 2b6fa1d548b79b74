import type { Contract } from '../contracts/contract.ts';
import type { Environment } from '../server/health.ts';
import { VERSION } from '../server/package-version.ts';
import { html, layout, navigation } from './layout.ts';

/** The contents of the start page. */
export interface Welcome {
  readonly contracts: readonly Contract[];
  /** The contract at the root. */
  readonly atRoot: Contract;
  /** The path below which a contract answers. */
  readonly placeOf: (name: string) => string;
  readonly environment: Environment;
  /** Whether the page for tasks is at `/app`. */
  readonly hasTaskPage: boolean;
}

/** The response at `/` for programs. */
export function welcomeJson({ contracts, atRoot, placeOf, hasTaskPage }: Welcome): object {
  return {
    name: 'Taskwell',
    version: VERSION,
    contract: atRoot.name,
    ...(hasTaskPage && { app: '/app' }),
    contracts: contracts.map(({ name, about, path }) => ({
      name,
      about,
      tasks: `${placeOf(name)}${withBraces(path)}`,
      docs: `${placeOf(name)}/docs`,
      redoc: `${placeOf(name)}/redoc`,
      openapi: `${placeOf(name)}/openapi.json`,
    })),
    docs: '/docs',
    redoc: '/redoc',
    openapi: '/openapi.json',
    health: '/health',
  };
}

/** The page at `/` for people. @param origin the origin of the server, as the browser sees it */
export function welcomePage(welcome: Welcome, origin: string): string {
  const { contracts, atRoot, placeOf, environment, hasTaskPage } = welcome;
  const items = contracts.map(
    ({ name, about, path }) => html`<li${name === atRoot.name ? ' class="root"' : ''}>
<p><strong>${name}</strong>${name === atRoot.name ? ' <small>(also at the root)</small>' : ''}</p>
<p>${about}</p>
<p><code>${placeOf(name)}${withBraces(path)}</code></p>
<p><a href="${placeOf(name)}/docs">Try it</a> <a href="${placeOf(name)}/redoc">Read</a> <a href="${placeOf(name)}/openapi.json">OpenAPI</a></p>
</li>`,
  );
  return layout({
    title: 'Taskwell',
    head: '',
    body: html`${navigation(VERSION, '')}
<main>
<h1>A task backend for your frontend</h1>
<p>This server stores the tasks of users who sign in with Better Auth. It serves the contracts of several generations of
frontends at the same time and over the same tasks: set the base URL of your frontend to the path of its contract.</p>
${hasTaskPage ? '<p>No frontend yet? <a href="/app">Sign up and keep your tasks on the page of this server</a>.</p>\n' : ''}<ul>
${items.join('\n')}
</ul>
<h2 id="first-request">A first request</h2>
<pre tabindex="0" role="region" aria-labelledby="first-request">TOKEN=${environment === 'production' ? "'…' # the JWT that your frontend sends" : '$(npx taskwell token --user demo) # in the folder of the server'}
curl -H "Authorization: Bearer $TOKEN" ${origin}${withBraces(atRoot.path).replace('{user_id}', 'demo')}</pre>
</main>`,
  });
}

function withBraces(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}
