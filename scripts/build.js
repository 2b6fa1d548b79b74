/**
 * Builds `dist`: the modules (tsc), the command (rolldown), the assets of the documentation
 * pages, and the task page (Vite).
 *
 *   node scripts/build.js               builds
 *   node scripts/build.js --if-stale    builds if the sources have changed since the last build; runs before `npm start`
 *   node scripts/build.js --if-possible does nothing without the development dependencies; runs after `npm ci`
 */
import { execFileSync } from 'node:child_process';
import { accessSync, chmodSync, constants, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyAssets } from './copy-assets.js';
import { developmentTool, ROOT } from './development-tool.js';
import { isBuilt, STAMP, sourceFingerprint } from './source-fingerprint.js';

const COMMAND = join(ROOT, 'dist/cli/main.js');
const HOW_TO_BUILD = 'run npm ci && npm run build, and then npm prune --omit=dev if you want to';

/** Reasons why nothing can be built here, in words; `undefined` if it can. */
function findObstacle() {
  if (developmentTool('typescript') === undefined) return 'the development dependencies are not installed';
  try {
    accessSync(existsSync(join(ROOT, 'dist')) ? join(ROOT, 'dist') : ROOT, constants.W_OK);
  } catch {
    return `${ROOT} is read-only`;
  }
  return undefined;
}

async function build() {
  const fingerprint = sourceFingerprint();
  const tsc = [developmentTool('typescript'), '--project', 'tsconfig.build.json'];
  execFileSync(process.execPath, tsc, { cwd: ROOT, stdio: 'inherit' });
  const { rolldown } = await import('rolldown');
  const { output, ...input } = (await import('../rolldown.config.js')).default;
  const bundle = await rolldown(input);
  await bundle.write(output);
  await bundle.close();
  // npm sets this when it links the command, and never again.
  chmodSync(COMMAND, 0o755);
  copyAssets();
  const { build: buildPage } = await import('vite');
  await buildPage({ root: join(ROOT, 'interfaces/web'), logLevel: 'warn' });
  writeFileSync(STAMP, fingerprint);
}

/** Prints a message. @returns the exit code */
function say(message, exitCode) {
  process.stderr.write(`${message}\n`);
  return exitCode;
}

async function main(option) {
  if (option === '--if-stale' && isBuilt()) return 0;
  const obstacle = findObstacle();
  if (obstacle === undefined) {
    try {
      await build();
      return 0;
    } catch (error) {
      return error.status ?? say(error.stack, 1); // tsc has printed its errors
    }
  }
  if (option === '--if-stale' && existsSync(COMMAND)) return say(`Starting the build that is there: ${obstacle}.`, 0);
  if (option === '--if-possible') return say(`Taskwell is not built, because ${obstacle}: ${HOW_TO_BUILD}.`, 0);
  return say(`Taskwell cannot be built, because ${obstacle}: ${HOW_TO_BUILD}.`, 1);
}

process.chdir(ROOT);
process.exitCode = await main(process.argv[2]);
