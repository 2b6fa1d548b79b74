import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends bytes to a server as they are and returns all that it sends until it closes the connection. */
export async function sendRaw(url: string, bytes: string | Uint8Array): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(bytes);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}
