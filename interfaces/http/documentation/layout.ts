/** An HTML template. It does not escape: no value may come from a user. */
export const html = String.raw;

const STYLE = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1e293b, #e2e8f0); --muted: light-dark(#475569, #94a3b8); --page: light-dark(#fff, #0b1220);
  --code: light-dark(#f1f5f9, #1e293b); --border: light-dark(#cbd5e1, #334155); --accent: light-dark(#1d4ed8, #93c5fd);
  font-family: system-ui, sans-serif; line-height: 1.5; color: var(--text); background: var(--page);
}
body { margin: 0; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; align-items: baseline; padding: 0.75rem 1.25rem; background: #0f172a; color: #cbd5e1; }
nav a { color: #fff; text-decoration: none; }
nav a:hover, nav a[aria-current] { text-decoration: underline; text-underline-offset: 0.3em; }
nav span { margin-right: auto; }
nav div { display: flex; gap: 1.25rem; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
main h1 { line-height: 1.2; }
main pre { overflow-x: auto; padding: 1rem; background: var(--code); border-radius: 0.5rem; }
main ul { list-style: none; padding: 0; display: grid; gap: 0.75rem; }
main li { border: 1px solid var(--border); border-radius: 0.5rem; padding: 0.75rem 1rem; }
main li p { margin: 0.25rem 0; }
main li.root { border-color: var(--accent); border-width: 2px; }
main a { color: var(--accent); }
main li a { margin-right: 1rem; }
main small { color: var(--muted); }
`;

/**
 * The bar at the top of every page.
 *
 * @param prefix the path of the contract whose documentation the links show
 * @param here the page itself
 */
export function navigation(label: string, prefix: string, here?: 'docs' | 'redoc'): string {
  const link = (page: string, text: string) =>
    html`<a href="${prefix}/${page}"${page === here ? ' aria-current="page"' : ''}>${text}</a>`;
  return html`<nav><a href="/"><strong>Taskwell</strong></a> <span>${label}</span> <div>${link('docs', 'Try it')} ${link('redoc', 'Read')} ${link('openapi.json', 'OpenAPI')}</div></nav>`;
}

/** The HTML document around a page. */
export function layout({ title, head, body }: { title: string; head: string; body: string }): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
${head}
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
