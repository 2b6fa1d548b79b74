import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import { responseBody } from '../contracts/http-response.ts';

/** The code and message of each status. A malformed request has no path, so no contract shapes its response. */
const REFUSALS = {
  400: ['bad_request', 'This is not a well-formed HTTP request'],
  408: ['request_timeout', 'The request did not arrive in time'],
  417: ['expectation_failed', 'The only supported expectation is 100-continue'],
  431: ['headers_too_large', 'The request headers must be at most 16 KiB in total'],
} as const;

type Status = keyof typeof REFUSALS;

/** The errors of Node's parser with another status than 400. */
const STATUSES: Readonly<Record<string, Status>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Sends a JSON error for a request that Node's parser refuses, and closes the connection. */
export function malformedRequest(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUSES[error.code ?? ''] ?? 400;
  const body = bodyText(status);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** Sends such an error for a request that Node's parser accepts, and closes the connection. */
export function respondMalformed(response: ServerResponse, status: Status): void {
  response
    .writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', Connection: 'close' })
    .end(bodyText(status));
}

/** The body of these errors. */
export const malformedBody = responseBody(v.object({ error: v.string(), detail: v.string() }), (status: Status) => {
  const [error, detail] = REFUSALS[status];
  return { error, detail };
});

const bodyText = (status: Status) => JSON.stringify(malformedBody.of(status));
