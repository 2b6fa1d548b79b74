import { type ChildProcess, spawn } from 'node:child_process';

/** `cat` ends when this process has ended, because nobody else holds the other end of the pipe. */
const WAIT_THEN_STOP = 'cat >/dev/null; kill -INT "$1"';

/**
 * Starts a small process that shuts a server down when this process ends in any way, also by SIGKILL. It is for systems
 * without `setpriv --pdeathsig`. It does nothing on Windows, which has no shell: there, the next start shuts the server
 * down.
 */
export function attachLifeline(server: ChildProcess): void {
  if (process.platform === 'win32' || server.pid === undefined) return;
  const watcher = spawn('/bin/sh', ['-c', WAIT_THEN_STOP, 'sh', String(server.pid)], {
    detached: true, // in its own process group, so that Ctrl-C and a closed terminal do not end it
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.on('error', () => undefined); // without a shell, as on Windows
  watcher.unref();
  // A pipe to a child is a socket, which keeps this process alive unless it is unreferenced, too.
  if (watcher.stdin && 'unref' in watcher.stdin && typeof watcher.stdin.unref === 'function') watcher.stdin.unref();
  // The process id of a server that has ended may be reused.
  server.once('exit', () => watcher.pid !== undefined && killGroup(watcher.pid));
}

/** The shell and its `cat`. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
