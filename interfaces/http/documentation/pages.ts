import type { Contract } from '../contracts/contract.ts';
import { html, layout, navigation } from './layout.ts';

/** The page with Swagger UI, to read the documentation and try requests. */
export function swaggerUiPage(contract: Contract, prefix: string): string {
  const style = html`<link rel="stylesheet" href="${prefix}/docs/swagger-ui.css">`;
  return documentationPage(contract, prefix, 'docs', ['swagger-ui-bundle.js', 'start-swagger-ui.js'], style);
}

/** The page with Redoc, to read the documentation in three columns. */
export function redocPage(contract: Contract, prefix: string): string {
  return documentationPage(contract, prefix, 'redoc', ['redoc.standalone.js', 'start-redoc.js']);
}

/** @param scripts in the order in which they run: the script of the package, then ours, which starts it */
function documentationPage(
  { name }: Contract,
  prefix: string,
  here: 'docs' | 'redoc',
  scripts: readonly string[],
  head = '',
): string {
  // not html`…`: with a closing script tag in the template, the bundler adds a helper function
  const tags = scripts.map((script) => `<script src="${prefix}/docs/${script}"></script>`);
  return layout({
    title: `Taskwell · ${name}`,
    head,
    body: html`${navigation(name, prefix, here)}
<div id="documentation" data-openapi="${prefix}/openapi.json"></div>
${tags.join('\n')}`,
  });
}

/** Makes what scrolls reachable by keyboard, also what a page adds later. */
const FOCUS_WHAT_SCROLLS = `new MutationObserver(() => {
  for (const element of document.querySelectorAll('#documentation pre:not([tabindex])')) element.tabIndex = 0;
}).observe(document.getElementById('documentation'), { childList: true, subtree: true });
`;

/**
 * Starts Swagger UI. `persistAuthorization` keeps the token in the browser's storage across reloads. Its own switch for
 * dark mode is a class.
 */
export const START_SWAGGER_UI = `${FOCUS_WHAT_SCROLLS}const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();
SwaggerUIBundle({
  url: document.getElementById('documentation').dataset.openapi,
  dom_id: '#documentation',
  deepLinking: true,
  persistAuthorization: true,
  displayRequestDuration: true,
});
`;

/** Starts Redoc, which computes its colours once. */
export const START_REDOC = `${FOCUS_WHAT_SCROLLS}const dark = {
  colors: {
    primary: { main: '#93c5fd' },
    text: { primary: '#e2e8f0', secondary: '#94a3b8' },
    border: { dark: '#475569', light: '#334155' },
    responses: {
      success: { color: '#86efac', backgroundColor: '#14291f' },
      error: { color: '#fca5a5', backgroundColor: '#331c1f' },
    },
    http: { get: '#4d7c0f', post: '#1d4ed8', put: '#86198f', delete: '#b91c1c', patch: '#b45309' },
  },
  schema: { nestedBackground: '#111c30', typeNameColor: '#94a3b8', typeTitleColor: '#93c5fd' },
  sidebar: { backgroundColor: '#111c30', textColor: '#e2e8f0' },
  typography: { code: { color: '#fca5a5', backgroundColor: '#1e293b' } },
};
const light = { colors: { primary: { main: '#1d4ed8' } } };
Redoc.init(
  document.getElementById('documentation').dataset.openapi,
  { hideLoading: true, theme: matchMedia('(prefers-color-scheme: dark)').matches ? dark : light },
  document.getElementById('documentation'),
);
`;
