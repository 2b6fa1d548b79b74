import { defineConfig } from 'vite';

/** The page for tasks, in `dist/web`. The server sends these files from `/app`. */
export default defineConfig({
  base: '/app/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    // The page's Content-Security-Policy allows no inline files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
