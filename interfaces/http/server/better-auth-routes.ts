import type { Middleware } from 'koa';
import type { SignInGuard } from '../../../application/sign-in-guard.ts';
import type { ErrorFormat } from '../errors/error-responses.ts';
import { PayloadTooLarge } from '../errors/http-errors.ts';
import { networkOf } from '../pipeline/client-address.ts';
import type { RequestContext, RequestState } from '../pipeline/request-state.ts';
import type { SecurityLog } from '../pipeline/security-log.ts';

/** A server of Better Auth, as `auth.handler` is. */
export type BetterAuthHandler = (request: Request) => Promise<Response>;

/** The path of Better Auth's own routes. */
export const BETTER_AUTH_PATH = '/api/auth/';

/** The largest body that Better Auth gets. Its own clients send less than 1 KiB. */
const BODY_MAX_BYTES = 64 * 1024;

/** The header in which Better Auth finds the address of the client. */
const ADDRESS_HEADER = 'x-taskwell-client-address';

/** Error responses as the clients of Better Auth read them. */
export const BETTER_AUTH_ERRORS: ErrorFormat = {
  error: { of: ({ code, detail }) => ({ code: code.toUpperCase(), message: detail }) },
};

/**
 * Hands requests to Better Auth. It limits the body, and the attempts to sign in, before Better Auth sees them, and logs
 * sign-ins that Better Auth refuses.
 */
export function betterAuthRoutes(
  handle: BetterAuthHandler,
  guard: SignInGuard,
  securityLog: SecurityLog,
): Middleware<RequestState> {
  return async (ctx) => {
    const body = ctx.method === 'GET' || ctx.method === 'HEAD' ? undefined : await readBody(ctx);
    const attempt = body && readAttempt(body);
    if (attempt) await guard.admit(networkOf(ctx.state.address), attempt.email);
    const response = await handle(toRequest(ctx, body));
    if (response.status === 401 && attempt) {
      const { requestId: request_id, address, user: user_id } = ctx.state;
      securityLog.write({ event: 'sign_in.failed', request_id, address, user_id, reason: 'Better Auth refused it' });
    }
    await sendResponse(ctx, response);
  };
}

/** @throws PayloadTooLarge */
async function readBody(ctx: RequestContext): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of ctx.req.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > BODY_MAX_BYTES) {
      ctx.req.resume(); // the unread rest would block the next request
      throw new PayloadTooLarge(`The body must be at most ${BODY_MAX_BYTES / 1024} KiB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The e-mail address in a body that has a password. `undefined` for other bodies. */
function readAttempt(body: Buffer): { readonly email: string | undefined } | undefined {
  const text = body.toString();
  if (!/password/i.test(text)) return undefined;
  try {
    const sent: unknown = JSON.parse(text);
    const email = typeof sent === 'object' && sent !== null && 'email' in sent ? sent.email : undefined;
    return { email: typeof email === 'string' ? email : undefined };
  } catch {
    return { email: new URLSearchParams(text).get('email') ?? undefined };
  }
}

function toRequest(ctx: RequestContext, body: Buffer | undefined): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(ctx.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  headers.set(ADDRESS_HEADER, ctx.state.address);
  const url = new URL(ctx.url, `${ctx.protocol}://${ctx.host || 'localhost'}`);
  return new Request(url, { method: ctx.method, headers, ...(body && { body: new Uint8Array(body) }) });
}

async function sendResponse(ctx: RequestContext, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  ctx.status = response.status;
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie' && !name.startsWith('access-control-')) ctx.set(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) ctx.set('Set-Cookie', cookies);
  if (body.length > 0) ctx.body = body;
  else ctx.res.removeHeader('Content-Type');
  ctx.respond = ctx.body !== undefined || ctx.respond;
}
