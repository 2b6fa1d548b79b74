import type { Logger } from 'pino';
import type { RequestContext } from './request-state.ts';

/** The errors of a connection whose client has gone. */
const CLIENT_GONE: readonly unknown[] = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'];

/** Listens to Koa's errors, which concern responses that could not be sent: a client that leaves is no fault of ours. */
export function reportFailedResponse(log: Logger): (error: unknown, ctx?: RequestContext) => void {
  /** Koa reports the error of a stream twice. */
  const reported = new WeakSet<Error>();
  return (err, ctx) => {
    if (err instanceof Error && reported.has(err)) return;
    if (err instanceof Error) reported.add(err);
    const request_id = ctx?.state.requestId;
    const code = err instanceof Error && 'code' in err ? err.code : undefined;
    if (ctx?.req.socket.destroyed && CLIENT_GONE.includes(code)) log.debug({ request_id, code }, 'the client left');
    else log.error({ request_id, err }, 'a response failed');
  };
}
