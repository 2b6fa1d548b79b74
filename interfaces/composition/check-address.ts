import { once } from 'node:events';
import { createServer } from 'node:net';
import * as v from 'valibot';
import { errorCode } from '../../infrastructure/error-code.ts';
import { explainListenError } from './explain-listen-error.ts';
import type { Finding } from './finding.ts';
import { OperatorError } from './operator-error.ts';

interface Address {
  readonly host: string;
  readonly port: number;
}

const ANSWER_TIMEOUT_MS = 1_000;

/** Tries to listen. A Taskwell that listens there already is no fault. */
export async function checkAddress({ host, port }: Address): Promise<Finding> {
  const address = `${host}:${port}`;
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') {
      const version = await findTaskwell({ host, port });
      if (version !== undefined) return { about: `${address}, in use by a running Taskwell ${version}` };
    }
    const explained = explainListenError(error, { host, port });
    if (!(explained instanceof OperatorError)) throw explained;
    return { about: `${address}, not available`, fault: explained.message };
  }
  server.close();
  await once(server, 'close');
  return { about: `${address}, free` };
}

const welcome = v.object({ name: v.literal('Taskwell'), version: v.string() });

/** The version of the Taskwell that answers at an address; `undefined` if something else is there. */
async function findTaskwell({ host, port }: Address): Promise<string | undefined> {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  const url = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}/`;
  try {
    const headers = { accept: 'application/json' };
    const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    return v.parse(welcome, await response.json()).version;
  } catch {
    return undefined;
  }
}
