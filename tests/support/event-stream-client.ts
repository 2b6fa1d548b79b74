import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

/** An open stream of Server-Sent Events. */
export interface EventStreamClient {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Everything that was received. */
  text(): string;
  /** The positions that were received. */
  positions(): number[];
  /** Resolves with whether the server ended the stream in order. */
  readonly ended: Promise<boolean>;
  /** Closes the connection. */
  leave(): void;
}

/** Opens a stream. @param path of the stream, without the base URL */
export async function openEvents(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<EventStreamClient> {
  const sent = get(`${url}${path}`, { headers, agent: false });
  sent.on('error', () => {}); // the client leaves
  const response: IncomingMessage = (await once(sent, 'response'))[0];
  let received = '';
  response.setEncoding('utf8').on('data', (text) => {
    received += text;
  });
  response.on('error', () => {}); // it is cut off
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text: () => received,
    positions: () => [...received.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data).position),
    ended: new Promise((resolve) => response.once('close', () => resolve(response.complete))),
    leave: () => void sent.destroy(),
  };
}
