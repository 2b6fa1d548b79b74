import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import { responseBody } from '../contracts/http-response.ts';

/** What is too broken to have a path, and so a contract, by its status. */
const REFUSALS = {
  400: ['bad_request', 'This is not a well-formed HTTP request'],
  408: ['request_timeout', 'The request did not arrive in time'],
  417: ['expectation_failed', 'The only expectation that this server knows is 100-continue'],
  431: ['headers_too_large', 'The request headers must be at most 16 KiB in all'],
} as const;

type Status = keyof typeof REFUSALS;

/** Of the errors of Node's parser, those that are not 400. */
const STATUSES: Readonly<Record<string, Status>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Answers, in JSON as everywhere, what Node's parser refuses; then hangs up. */
export function malformedRequest(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUSES[error.code ?? ''] ?? 400;
  const body = told(status);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** The same where Node has parsed the request. */
export function respondMalformed(response: ServerResponse, status: Status): void {
  response
    .writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', Connection: 'close' })
    .end(told(status));
}

/** In a shape of its own, because what it answers has no path yet, and so no contract. */
export const malformedBody = responseBody(v.object({ error: v.string(), detail: v.string() }), (status: Status) => {
  const [error, detail] = REFUSALS[status];
  return { error, detail };
});

const told = (status: Status) => JSON.stringify(malformedBody.of(status));
