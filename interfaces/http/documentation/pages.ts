import type { Contract } from '../contract.ts';
import { html, layout } from './layout.ts';

/** Swagger UI: reads, and tries out. */
export function swaggerUiPage({ name }: Contract, prefix: string): string {
  return layout({
    title: `Taskwell · ${name}`,
    head: html`<link rel="stylesheet" href="${prefix}/docs/swagger-ui.css">`,
    body: html`${navigation(name, prefix, 'docs')}
<div id="documentation" data-openapi="${prefix}/openapi.json"></div>
<script src="${prefix}/docs/swagger-ui-bundle.js"></script>
<script src="${prefix}/docs/start-swagger-ui.js"></script>`,
  });
}

/** Redoc: reads, in three columns. */
export function redocPage({ name }: Contract, prefix: string): string {
  return layout({
    title: `Taskwell · ${name}`,
    head: '',
    body: html`${navigation(name, prefix, 'redoc')}
<div id="documentation" data-openapi="${prefix}/openapi.json"></div>
<script src="${prefix}/docs/redoc.standalone.js"></script>
<script src="${prefix}/docs/start-redoc.js"></script>`,
  });
}

/** Keeps the token over a reload, in the browser's own storage. */
export const START_SWAGGER_UI = `SwaggerUIBundle({
  url: document.getElementById('documentation').dataset.openapi,
  dom_id: '#documentation',
  deepLinking: true,
  persistAuthorization: true,
  displayRequestDuration: true,
});
`;

export const START_REDOC = `Redoc.init(
  document.getElementById('documentation').dataset.openapi,
  { hideLoading: true, theme: { colors: { primary: { main: '#1d4ed8' } } } },
  document.getElementById('documentation'),
);
`;

function navigation(name: string, prefix: string, here: 'docs' | 'redoc'): string {
  const link = (page: string, text: string) =>
    html`<a href="${prefix}/${page}"${page === here ? ' aria-current="page"' : ''}>${text}</a>`;
  return html`<nav><a href="/"><strong>Taskwell</strong></a> <span>${name}</span> <div>${link('docs', 'Try it')} ${link('redoc', 'Read')} ${link('openapi.json', 'OpenAPI')}</div></nav>`;
}
