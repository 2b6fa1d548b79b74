import { type ServerResponse, STATUS_CODES } from 'node:http';
import * as v from 'valibot';
import { responseBody } from '../contracts/http-response.ts';

/** The code and message of each status. A malformed request has no path, so no contract shapes its response. */
const REFUSALS = {
  400: ['bad_request', 'This is not a well-formed HTTP request'],
  408: ['request_timeout', 'The request did not arrive in time'],
  417: ['expectation_failed', 'The only supported expectation is 100-continue'],
  431: ['headers_too_large', 'The request headers must be at most 16 KiB in total'],
} as const;

export type MalformedStatus = keyof typeof REFUSALS;

/** The errors of Node's parser that are not 400. */
const STATUSES: Readonly<Record<string, MalformedStatus>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** The status that answers bytes that Node's parser refuses. */
export function malformedStatus({ code = '' }: { code?: string }): MalformedStatus {
  return STATUSES[code] ?? 400;
}

/** The whole response to bytes that Node's parser refuses. It closes the connection. */
export function malformedResponse(status: MalformedStatus): string {
  const body = bodyText(status);
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  );
}

/** The same for a request that Node has parsed. */
export function respondMalformed(response: ServerResponse, status: MalformedStatus): void {
  response
    .writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', Connection: 'close' })
    .end(bodyText(status));
}

/** The body has a shape of its own, because the request has no contract. */
export const malformedBody = responseBody(
  v.object({ error: v.string(), detail: v.string() }),
  (status: MalformedStatus) => {
    const [error, detail] = REFUSALS[status];
    return { error, detail };
  },
);

const bodyText = (status: MalformedStatus) => JSON.stringify(malformedBody.of(status));
