import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from './development-tool.js';

const REDOC = 'redoc/bundles/redoc.standalone.js';
const ASSETS = [
  'swagger-ui-dist/swagger-ui.css',
  'swagger-ui-dist/swagger-ui-bundle.js',
  'swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt',
  REDOC,
  `${REDOC}.LICENSE.txt`,
];
/** Redoc would load the logo of its vendor from there. */
const LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';

/** Copies the scripts and styles of the documentation pages to `dist/assets`. */
export function copyAssets() {
  const target = (asset) => join(ROOT, 'dist/assets', basename(asset));
  mkdirSync(join(ROOT, 'dist/assets'), { recursive: true });
  for (const asset of ASSETS) copyFileSync(join(ROOT, 'node_modules', asset), target(asset));
  writeFileSync(target(REDOC), readFileSync(target(REDOC), 'utf8').replaceAll(LOGO, 'data:,'));
}
