import { describeError, exchange } from './exchange.ts';
import { Failure } from './failure.ts';

/** A token is replaced this long before it expires, so that it does not expire on its way. */
const MARGIN_MS = 30_000;

/** The JWT of a user, from Better Auth's jwt plugin. It stays in memory; the session is in a cookie that scripts cannot read. */
export class AccessToken {
  private token: Promise<string> | undefined;
  /** In milliseconds since the epoch, on the clock of this browser. */
  private staleAt = 0;

  constructor(private readonly userId: string) {}

  /**
   * A token that does not expire within the next seconds. Concurrent callers share one request.
   *
   * @throws Failure `signed-out` if the session has ended, or if another user has signed in meanwhile
   */
  get(): Promise<string> {
    if (this.token === undefined || Date.now() >= this.staleAt) {
      this.staleAt = Number.POSITIVE_INFINITY;
      this.token = this.request().catch((error) => {
        this.forget();
        throw error;
      });
    }
    return this.token;
  }

  /** Makes the next call of `get` request a new token. */
  forget(): void {
    this.token = undefined;
  }

  private async request(): Promise<string> {
    const reply = await exchange('GET', '/api/auth/token');
    if (reply.status === 401) throw new Failure('signed-out', 'Your session has ended.');
    if (!reply.ok) throw new Failure('refused', describeError(reply, undefined));
    const { token }: { token: string } = JSON.parse(reply.text);
    const { sub, iat, exp } = claimsOf(token);
    if (sub !== this.userId) throw new Failure('signed-out', 'Another user has signed in, in another tab.');
    // The lifetime instead of the expiry, because the clock of this browser may be wrong.
    this.staleAt = Date.now() + (exp - iat) * 1000 - MARGIN_MS;
    return token;
  }
}

function claimsOf(token: string): { sub: string; iat: number; exp: number } {
  const [, payload = ''] = token.split('.');
  return JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
}
