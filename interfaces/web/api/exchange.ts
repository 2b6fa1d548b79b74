import { Failure } from './failure.ts';

/** The longest time to wait for a response. The server itself gives up on its database after a few seconds. */
const TIMEOUT_MS = 15_000;

/** A response that has arrived completely. */
export interface Reply {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * Sends a request to this server, and reads the response.
 *
 * @throws Failure `unreachable` if no complete response arrives in time
 */
export async function exchange(
  method: string,
  path: string,
  {
    body,
    token,
    headers: more = {},
  }: { readonly body?: unknown; readonly token?: string; readonly headers?: HeadersInit | undefined } = {},
): Promise<Reply> {
  const headers = new Headers(more);
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
  try {
    const response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const reply = { ok: response.ok, status: response.status, headers: response.headers, text: await response.text() };
    // A page of a proxy or of a hotel's network is no response of this server.
    if (reply.ok && reply.text !== '' && !reply.headers.get('Content-Type')?.includes('json')) throw new TypeError();
    return reply;
  } catch {
    throw new Failure('unreachable', navigator.onLine ? 'The server does not answer.' : 'You are offline.');
  }
}

/** What to tell the person about a response that is an error. @param explanation the server's own, if it has one */
export function describeError({ status, headers }: Reply, explanation: string | undefined): string {
  if (status === 429) {
    const seconds = headers.get('Retry-After') ?? headers.get('X-Retry-After');
    return seconds === null
      ? 'Too many requests. Try again later.'
      : `Too many requests. Try again in ${seconds} seconds.`;
  }
  return explanation === undefined ? `The server answered with an error (${status}).` : sentence(explanation);
}

/** The JSON of a response, or nothing if a proxy answered with something else. */
export function jsonOf({ text }: Reply): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A text field of a JSON object. */
export function textIn(json: unknown, field: string): string | undefined {
  const value = Object.entries(json ?? {}).find(([name]) => name === field)?.[1];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
