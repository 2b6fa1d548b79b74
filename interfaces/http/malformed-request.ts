import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** What Node's parser refuses before there is a request, by its error code; all else is 400. */
const REFUSALS: Readonly<Record<string, readonly [status: number, error: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large', 'The request headers must be at most 16 KiB in all'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout', 'The request did not arrive in time'],
};
const MALFORMED = [400, 'bad_request', 'This is not a well-formed HTTP request'] as const;

/** Answers, in JSON as everywhere, what is too broken to have a path and so a contract; then hangs up. */
export function malformedRequest(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, name, detail] = REFUSALS[error.code ?? ''] ?? MALFORMED;
  const body = JSON.stringify({ error: name, detail });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
