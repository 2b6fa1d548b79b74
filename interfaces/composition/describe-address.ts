import { once } from 'node:events';
import { createServer } from 'node:net';
import { errorCode } from '../../infrastructure/error-code.ts';
import { explainListenError } from './explain-listen-error.ts';

/** Tries to listen, and says in words what came of it. @throws OperatorError if no server can listen there */
export async function describeAddress({
  host,
  port,
}: {
  readonly host: string;
  readonly port: number;
}): Promise<string> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') return `${host}:${port}, in use by a running Taskwell or another program`;
    throw explainListenError(error, { host, port });
  }
  server.close();
  await once(server, 'close');
  return `${host}:${port}, free`;
}
