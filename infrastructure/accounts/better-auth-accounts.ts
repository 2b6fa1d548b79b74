import pg from 'pg';
import type { Accounts, SignedIn } from '../../application/ports/accounts.ts';
import type { DisplayName } from '../../domain/display-name.ts';
import type { Email } from '../../domain/email.ts';
import type { Password } from '../../domain/password.ts';
import { UserId } from '../../domain/user-id.ts';
import { PublicKeys } from '../auth/public-keys.ts';
import { connectionSettings } from '../postgres/connection/connection-string.ts';
import { ACCOUNTS_POOL_SIZE } from './accounts-pool-size.ts';
import { type BetterAuth, type BetterAuthOptions, createBetterAuth } from './better-auth.ts';
import { accountsUnavailable, throwOurs } from './better-auth-errors.ts';

export interface BetterAuthAccountsOptions extends Omit<BetterAuthOptions, 'pool'> {
  readonly databaseUrl: string;
  /** How long a token is valid that a sign-in returns, in hours. */
  readonly tokenHours: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 5_000;

/** Accounts in a Better Auth server within this process. */
export class BetterAuthAccounts implements Accounts {
  private readonly pool: pg.Pool;
  private readonly auth: BetterAuth;

  constructor(private readonly options: BetterAuthAccountsOptions) {
    this.pool = new pg.Pool({
      ...connectionSettings(options.databaseUrl),
      max: ACCOUNTS_POOL_SIZE,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS,
    });
    this.pool.on('error', (err) => options.log.debug({ err }, 'database connection of the accounts lost'));
    this.auth = createBetterAuth({ ...options, pool: this.pool });
  }

  async signUp({ email, password, name }: { email: Email; password: Password; name: DisplayName }): Promise<SignedIn> {
    const { user, token } = await this.auth.api.signUpEmail({ body: { email, password, name } }).catch(throwOurs);
    return this.signedIn(user, token).catch(throwOurs);
  }

  async signIn(credentials: { email: Email; password: Password }): Promise<SignedIn> {
    const { user, token } = await this.auth.api.signInEmail({ body: credentials }).catch(throwOurs);
    return this.signedIn(user, token).catch(throwOurs);
  }

  /** Answers a request to one of Better Auth's own routes. @throws Unavailable */
  async handle(request: Request): Promise<Response> {
    const response = await this.auth.handler(request);
    if (response.status >= 500) throw accountsUnavailable();
    return response;
  }

  /** The public keys that verify the tokens. The first call creates one. */
  async publicKeys(): Promise<PublicKeys> {
    return PublicKeys.from(await this.auth.api.getJwks());
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  /** The caller gets a token that needs no session, so the session of the sign-in is removed. */
  private async signedIn(user: BetterAuthUser, session: string | null): Promise<SignedIn> {
    const { id, email, name, createdAt, updatedAt } = user;
    const { publicUrl, tokenHours } = this.options;
    const [{ token }] = await Promise.all([
      this.auth.api.signJWT({
        body: {
          payload: { sub: id, email, name, iat: Math.floor(Date.now() / 1_000) },
          overrideOptions: { jwt: { issuer: publicUrl, audience: publicUrl, expirationTime: `${tokenHours}h` } },
        },
      }),
      session === null ? undefined : this.removeSession(session),
    ]);
    return {
      token,
      account: { id: UserId(id), email, name, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() },
    };
  }

  private async removeSession(token: string): Promise<void> {
    const { internalAdapter } = await this.auth.$context;
    await internalAdapter.deleteSession(token);
  }
}

interface BetterAuthUser {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}
