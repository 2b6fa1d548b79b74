/**
 * Runs the server, and builds and restarts it when a file changes. If a build fails, the previous server keeps running.
 *
 *   npm run dev
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from './development-tool.js';
import { filesOf, sourceFiles } from './source-fingerprint.js';

/** Polling also notices editors that replace a file, new folders, and changes in mounted folders of a container. */
const POLL_INTERVAL_MS = 500;
/** Changes of these are noticed as well. The server reads them at its start. */
const READ_AT_START = ['migrations', 'auth-migrations', '.env'];

const parent = process.ppid;
const running = new Set();
let stopping = false;

/** Starts a script of the project. @returns the process, and its exit code once it has ended */
function run(script, ...args) {
  const child = spawn(process.execPath, [join(ROOT, script), ...args], { stdio: 'inherit' });
  running.add(child);
  const ended = once(child, 'exit').then(([code]) => {
    running.delete(child);
    return code ?? 1;
  });
  return { child, ended };
}

/** The names, sizes and modification times of all files that matter. */
function readState() {
  try {
    return [...sourceFiles(), ...READ_AT_START.flatMap(filesOf)]
      .map((file) => {
        const { size, mtimeMs } = statSync(join(ROOT, file), { throwIfNoEntry: false }) ?? {};
        return `${file} ${size} ${mtimeMs}`;
      })
      .join('\n');
  } catch {
    return ''; // a folder vanished while it was read
  }
}

/** Resolves when the files have changed and no further change follows, or when this program has to stop. */
async function change(before) {
  let last = before;
  while (!stopping) {
    await pause(POLL_INTERVAL_MS);
    // On SIGTERM, the shell between npm and this program ends without passing the signal on.
    if (process.ppid !== parent) stop('SIGTERM');
    const state = readState();
    if (state === last && state !== before) return;
    last = state;
  }
}

function startServer() {
  const server = run('dist/cli/main.js', 'serve');
  void server.ended.then((code) => {
    if (!stopping && !server.replaced)
      say(`the server has ended with exit code ${code}; the next change starts it again`);
  });
  return server;
}

/** Ctrl-C reaches the server as well. On Windows it could not be passed on: there, a signal kills. */
function stop(signal) {
  stopping = true;
  if (process.platform === 'win32') return;
  for (const child of running) child.kill(signal);
}

function say(message) {
  process.stderr.write(`dev: ${message}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
let server;
while (!stopping) {
  const state = readState();
  const failed = (await run('scripts/build.js', '--if-stale').ended) !== 0;
  if (stopping) break;
  if (failed) {
    say('the build failed; the next change tries again');
  } else {
    if (server !== undefined) {
      server.replaced = true;
      server.child.kill('SIGTERM');
      await server.ended;
    }
    if (stopping) break;
    server = startServer();
  }
  await change(state);
  if (!stopping) say('a file has changed');
}
await server?.ended;
