import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type MalformedStatus, malformedResponse } from './malformed-request.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * How long the server still reads from a connection that it has ended. A socket that is closed while bytes arrive on it
 * resets the connection, and the client may lose the response that it was sent (RFC 9112, section 9.6).
 */
const LINGER_MS = 1_000;

/**
 * A connection of a client. Pipelined requests are answered one after the other, and meanwhile no more are read: a
 * connection never takes more of the server than one request does.
 */
export class Connection {
  /** The response under way. */
  private current: ServerResponse | undefined;
  private readonly waiting: [IncomingMessage, ServerResponse][] = [];
  private lastRequest: IncomingMessage | undefined;
  /** The status that answers malformed bytes, once the requests before them have their responses. */
  private refusal: MalformedStatus | undefined;
  private drainingIdleMs: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly answer: Answer,
  ) {
    socket.once('close', () => clearTimeout(this.timer));
  }

  receive(request: IncomingMessage, response: ServerResponse): void {
    this.lastRequest = request;
    if (this.current === undefined) {
      this.serve(request, response);
      return;
    }
    this.waiting.push([request, response]);
    this.socket.pause();
    if (this.isDraining && !this.current.headersSent) this.current.removeHeader('Connection');
  }

  /** Answers bytes that are no request, after the requests before them, and ends the connection. */
  refuse(status: MalformedStatus): void {
    if (this.refusal !== undefined) return; // the rest of the same bytes
    this.refusal = status;
    const isPartOfRequest = this.lastRequest?.complete === false;
    if (isPartOfRequest && this.waiting.length > 0) this.waiting.pop();
    else if (isPartOfRequest || this.current === undefined) this.end(malformedResponse(status));
  }

  /**
   * Ends the connection after its next response, or once it has been idle for a while. A socket that is idle is not
   * closed at once, because a request may be on its way.
   */
  drain(idleMs: number): void {
    this.drainingIdleMs = idleMs;
    if (this.current === undefined) this.endWhenIdle(idleMs);
    else this.announceClose(this.current);
  }

  private get isDraining(): boolean {
    return this.drainingIdleMs !== undefined;
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    this.current = response;
    if (this.isDraining) this.announceClose(response);
    response.once('close', () => {
      // A response that is sent at once ends in the turn of the event loop in which it began. Without another turn, a
      // chain of pipelined requests would hold up all other connections.
      if (this.waiting.length > 0) setImmediate(() => this.finish());
      else this.finish();
    });
    this.answer(request, response);
  }

  private finish(): void {
    this.current = undefined;
    if (this.socket.destroyed) return;
    const next = this.waiting.shift();
    if (next !== undefined) {
      if (this.waiting.length === 0) this.socket.resume();
      this.serve(...next);
    } else if (this.refusal !== undefined) this.end(malformedResponse(this.refusal));
    else if (this.drainingIdleMs !== undefined) this.endWhenIdle(this.drainingIdleMs);
  }

  /** Node.js ends the connection after a response with this header. */
  private announceClose(response: ServerResponse): void {
    clearTimeout(this.timer);
    if (!response.headersSent && this.waiting.length === 0) response.setHeader('Connection', 'close');
  }

  private endWhenIdle(idleMs: number): void {
    const { bytesRead } = this.socket;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.current !== undefined) return;
      if (this.socket.bytesRead === bytesRead) this.end();
      else this.endWhenIdle(idleMs); // a request is arriving
    }, idleMs);
  }

  private end(lastBytes = ''): void {
    clearTimeout(this.timer);
    if (!this.socket.writable) {
      this.socket.destroy();
      return;
    }
    this.socket.end(lastBytes);
    this.socket.resume();
    this.timer = setTimeout(() => this.socket.destroy(), LINGER_MS);
  }
}
