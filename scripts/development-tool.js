import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder of the project. */
export const ROOT = join(import.meta.dirname, '..');

const require = createRequire(import.meta.url);

/** The script of a package's command, to run it with Node.js on every platform; `undefined` if it is not installed. */
export function developmentTool(name) {
  try {
    const manifest = require.resolve(`${name}/package.json`);
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8'));
    return join(dirname(manifest), Object.values(bin)[0]);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
