import { betterAuth } from 'better-auth';
import { APIError } from 'better-auth/api';
import { hashPassword, verifyPassword } from 'better-auth/crypto';
import { jwt } from 'better-auth/plugins';
import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import { DisplayName } from '../../domain/display-name.ts';
import { InvalidValue } from '../../domain/domain-errors.ts';
import { Email } from '../../domain/email.ts';
import { PASSWORD_MAX, PASSWORD_MIN } from '../../domain/password.ts';
import { ACCOUNTS_SCHEMA } from './accounts-migrations.ts';
import { accountsPool } from './accounts-pool.ts';
import { asOutage } from './better-auth-errors.ts';
import { PasswordQueue } from './password-queue.ts';

/** How long a token of the jwt plugin is valid. Its clients get a new one with their session. */
const TOKEN_LIFETIME = '15m';

/** The header in which the server passes the address of the client, in place of what the client sent. */
export const CLIENT_ADDRESS_HEADER = 'x-taskwell-client-address';

export interface BetterAuthOptions {
  readonly pool: pg.Pool;
  /** Signs cookies and encrypts the private keys. */
  readonly secret: string;
  /** The origin of this server, as browsers see it. */
  readonly publicUrl: string;
  /** The origins of other pages that may sign in. */
  readonly trustedOrigins: readonly string[];
  /** Whether pages that this server itself sends to this machine may sign in, whatever the port. */
  readonly trustsLoopback: boolean;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  /** Runs before a user is deleted. */
  readonly beforeDelete: (userId: string) => Promise<void>;
}

/** Creates a Better Auth server with accounts by e-mail address and password, whose tables are in their own schema. */
export function createBetterAuth(options: BetterAuthOptions) {
  const { pool, secret, publicUrl, log } = options;
  const db = new Kysely({ dialect: new PostgresDialect({ pool: accountsPool(pool) }) }).withSchema(ACCOUNTS_SCHEMA);
  const passwords = new PasswordQueue(options.clock);
  return betterAuth({
    database: { db, type: 'postgres' },
    baseURL: publicUrl,
    basePath: '/api/auth',
    secret,
    trustedOrigins: async (request) => [
      ...options.trustedOrigins,
      ...(options.trustsLoopback ? loopbackOrigin(request) : []),
    ],
    emailAndPassword: {
      enabled: true,
      minPasswordLength: PASSWORD_MIN,
      maxPasswordLength: PASSWORD_MAX,
      password: {
        hash: (password) => passwords.run(() => hashPassword(password)),
        verify: (attempt) => passwords.run(() => verifyPassword(attempt)),
      },
    },
    user: { deleteUser: { enabled: true, beforeDelete: async ({ id }) => options.beforeDelete(id) } },
    databaseHooks: { user: { create: { before: async ({ email, name }) => refuseInvalid(email, name) } } },
    // Its own routes would answer such an error with a 500, or blame the request.
    onAPIError: { onError: throwOutage },
    // The limits of this server apply before Better Auth sees a request.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    advanced: {
      disableCSRFCheck: false,
      disableOriginCheck: false,
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
      // Its check keeps a mismatch until the process ends, even if the tables are back. A start checks the tables anyway.
      database: { validateSchema: false },
    },
    logger: {
      log: (level, message) => log[level === 'error' || level === 'warn' ? 'debug' : level]({ message }, 'Better Auth'),
    },
    plugins: [
      jwt({
        jwt: {
          issuer: publicUrl,
          audience: publicUrl,
          expirationTime: TOKEN_LIFETIME,
          definePayload: ({ user: { id, email, name } }) => ({ id, email, name }),
        },
      }),
    ],
  });
}

export type BetterAuth = ReturnType<typeof createBetterAuth>;

function throwOutage(error: unknown): void {
  const outage = asOutage(error);
  if (outage !== undefined) throw outage;
}

/** Better Auth has looser rules than the contracts. */
function refuseInvalid(email: string, name: string): void {
  try {
    Email(email);
    DisplayName(name);
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error;
    throw new APIError('BAD_REQUEST', { code: `INVALID_${error.field.toUpperCase()}`, message: error.message });
  }
}

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/** The origin of the server in a request to this machine. */
function loopbackOrigin(request: Request | undefined): string[] {
  const host = request?.headers.get('host') ?? '';
  return LOOPBACK.test(host) ? [`http://${host}`] : [];
}
