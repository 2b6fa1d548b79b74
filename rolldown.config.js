import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { defineConfig } from 'rolldown';

/** Of what is copied; the packages of @inversifyjs have all the same. */
const LICENSES = ['inversify', '@inversifyjs/core']
  .map((name) => `/*!\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8')}*/`)
  .join('\n');

/**
 * The command as a few files: loading hundreds of small ones is most of what its start takes. Taskwell has more than a
 * hundred, Inversify more than two hundred; every other package stays where npm has put it. See docs/performance.md.
 */
export default defineConfig({
  input: { main: 'dist/interfaces/cli/main.js', worker: 'dist/interfaces/composition/worker.js' },
  platform: 'node',
  external: (id) => !id.startsWith('.') && !isAbsolute(id) && !/^(inversify$|@inversifyjs\/)/.test(id),
  output: {
    dir: 'dist/cli',
    cleanDir: true,
    sourcemap: true,
    chunkFileNames: '[name].js',
    codeSplitting: { groups: [{ name: 'inversify', test: /node_modules[\\/](inversify|@inversifyjs)[\\/]/ }] },
    banner: ({ name }) => (name === 'inversify' ? LICENSES : ''),
  },
});
