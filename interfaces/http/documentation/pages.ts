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

/** Starts Swagger UI. `persistAuthorization` keeps the token in the browser's storage across reloads. */
export const START_SWAGGER_UI = `SwaggerUIBundle({
  url: document.getElementById('documentation').dataset.openapi,
  dom_id: '#documentation',
  deepLinking: true,
  persistAuthorization: true,
  displayRequestDuration: true,
});
`;

/** Starts Redoc. */
export const START_REDOC = `Redoc.init(
  document.getElementById('documentation').dataset.openapi,
  { hideLoading: true, theme: { colors: { primary: { main: '#1d4ed8' } } } },
  document.getElementById('documentation'),
);
`;
