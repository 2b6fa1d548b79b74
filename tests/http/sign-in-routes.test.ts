import { describe, expect } from 'vitest';
import { CredentialsInvalid, Unavailable } from '../../application/application-errors.ts';
import { InMemoryRateLimits } from '../../infrastructure/rate-limits/in-memory-rate-limits.ts';
import { checked, PLACES } from '../support/contract-places.ts';
import { InMemoryAccounts } from '../support/in-memory-accounts.ts';
import { PAGE, type RunningApp } from '../support/running-app.ts';
import { TickingClock } from '../support/ticking-clock.ts';

/** What the frontends that sign in through their backend expect, written by hand from their specifications. */
interface SignInRoutes {
  readonly signUp: string;
  readonly signIn: string;
  readonly created: 200 | 201;
  readonly takesName: boolean;
  /** The body of a success. */
  readonly signedIn: unknown;
  /** Whether what the user can correct is reported in a success. */
  readonly failsInSuccess?: boolean;
}

const EMAIL = 'ann@example.com';
const ANN = { email: EMAIL, password: 'correct horse battery staple' };
const text = expect.any(String);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);

const ROUTES: Readonly<Record<string, SignInRoutes>> = {
  '003-backend-api': {
    signUp: '/auth/register',
    signIn: '/auth/login',
    created: 201,
    takesName: true,
    signedIn: { user: { id: text, email: EMAIL, name: 'Ann', created_at: time }, token: text },
  },
  '001-todo-web-app': {
    signUp: '/auth/signup',
    signIn: '/auth/signin',
    created: 201,
    takesName: false,
    signedIn: {
      data: { user: { id: text, email: EMAIL, created_at: time, updated_at: time }, token: text },
      message: text,
      error: null,
    },
  },
  '1-backend-integration': {
    signUp: '/api/auth/register',
    signIn: '/api/auth/login',
    created: 200,
    takesName: true,
    signedIn: { success: true, token: text, user: { id: text, email: EMAIL, name: 'Ann' } },
    failsInSuccess: true,
  },
  '002-todo-backend-auth': {
    signUp: '/api/auth/signup',
    signIn: '/api/auth/login',
    created: 200,
    takesName: false,
    signedIn: { user_id: text, email: EMAIL, access_token: text, token_type: 'bearer' },
  },
};

const headers = { 'content-type': 'application/json', origin: PAGE };
const post = (app: RunningApp, path: string, body: unknown, more = {}) =>
  app.send('POST', path, { body, headers: { ...headers, ...more } });

for (const { frontend, prefix, atRoot, it: itAtPlace, error } of PLACES) {
  const routes = ROUTES[frontend.name];
  if (routes === undefined) continue;
  const [signUp, signIn] = [`${prefix}${routes.signUp}`, `${prefix}${routes.signIn}`];
  const newcomer = routes.takesName ? { ...ANN, name: 'Ann' } : ANN;
  const refused = (status: number, category: string, details?: unknown) =>
    routes.failsInSuccess
      ? { status: 200, body: { success: false, error: text } }
      : error(status, category, text, details);

  /** `open` starts an app with accounts, whose responses are checked against its OpenAPI document. */
  const it = itAtPlace.extend('open', ({ startApp }) => async (options = {}) => {
    const accounts = new InMemoryAccounts();
    return checked(await startApp({ contract: atRoot, accounts, ...options }), prefix);
  });

  describe(`signing in under ${frontend.name} at "${prefix}"`, () => {
    it('creates an account, and signs it in whatever the letter case of the address is', async ({ open }) => {
      const app = await open();
      const created = await post(app, signUp, newcomer);
      expect(created).toMatchObject({ status: routes.created, body: routes.signedIn });
      expect(created.headers.get('access-control-allow-origin')).toBe(PAGE);
      const again = await post(app, signIn, { ...ANN, email: 'ANN@example.com' });
      expect(again).toMatchObject({ status: 200, body: routes.signedIn });
    });

    it('refuses a taken address, a wrong password and an unknown address', async ({ open }) => {
      const app = await open();
      await post(app, signUp, newcomer);
      expect(await post(app, signUp, newcomer)).toMatchObject(refused(409, 'conflict'));
      const wrong = await post(app, signIn, { ...ANN, password: 'a wrong password' });
      const unknown = await post(app, signIn, { ...ANN, email: 'bob@example.com' });
      for (const answer of [wrong, unknown]) {
        expect(answer).toMatchObject(refused(401, 'unauthorized'));
        expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
      }
    });

    it.for<[body: object, field: string]>([
      [{ email: EMAIL }, 'password'],
      [{ ...ANN, password: 'short' }, 'password'],
      [{ ...ANN, password: 'x'.repeat(129) }, 'password'],
      [{ ...ANN, email: 'ann' }, 'email'],
      [{ ...ANN, email: 1 }, 'email'],
    ])('refuses %j on both routes', async ([body, field], { open }) => {
      const app = await open();
      for (const path of [signUp, signIn]) {
        const answer = await post(app, path, body);
        expect(answer).toMatchObject(refused(frontend.invalid, 'validation_error', { field }));
        expect(answer.text).toContain(field);
      }
    });

    it('answers what no person can correct with an error of the contract', async ({ open }) => {
      const app = await open();
      for (const path of [signUp, signIn]) {
        expect(await post(app, path, '{')).toMatchObject(error(400, 'invalid_json'));
        expect(await post(app, path, '[]')).toMatchObject(error(400, 'invalid_json'));
        expect(await post(app, path, 'x'.repeat(1024 * 1024 + 1))).toMatchObject(error(413, 'payload_too_large'));
        expect(await post(app, path, 'x', { 'content-type': 'text/plain' })).toMatchObject(
          error(415, 'unsupported_media_type'),
        );
        const wrongMethod = await app.send('GET', path);
        expect(wrongMethod).toMatchObject(error(405, 'method_not_allowed'));
        expect(wrongMethod.headers.get('allow')).toBe('POST');
      }
    });

    it('answers 429 with Retry-After above a limit, and 503 with Retry-After without the accounts', async ({
      open,
    }) => {
      const store = new InMemoryRateLimits(new TickingClock());
      const limiter = (name: string, limit: number) => store.limiter(name, { limit, window: 60 });
      const limits = {
        user: limiter('user', 60),
        failedAuthentication: limiter('failed', 60),
        signInNetwork: limiter('network', 3),
        signInEmail: limiter('email', 2),
      };
      const limited = await open({ limits });
      await post(limited, signUp, newcomer);
      await post(limited, signIn, ANN);
      const byEmail = await post(limited, signIn, ANN);
      expect(byEmail).toMatchObject(error(429, 'rate_limited'));
      expect(Number(byEmail.headers.get('retry-after'))).toBeGreaterThan(0);
      const byNetwork = await post(limited, signUp, { ...newcomer, email: 'bob@example.com' });
      expect(byNetwork).toMatchObject(error(429, 'rate_limited'));

      const fail = async () => {
        throw new Unavailable('The accounts are out of reach', 2);
      };
      const down = await open({ accounts: { signUp: fail, signIn: fail } });
      for (const [path, body] of [
        [signUp, newcomer],
        [signIn, ANN],
      ] as const) {
        const answer = await post(down, path, body);
        expect(answer).toMatchObject(error(503, 'service_unavailable'));
        expect(answer.headers.get('retry-after')).toBe('2');
      }
    });

    it('logs each refusal as a security event, without the address and the password', async ({ open }) => {
      const fail = async () => {
        throw new CredentialsInvalid();
      };
      const app: RunningApp = await open({ accounts: { signUp: fail, signIn: fail } });
      await post(app, signIn, ANN);
      await app.close();
      expect(app.logged.join()).toContain('"event":"sign_in.failed"');
      for (const secret of [ANN.email, ANN.password]) expect(app.logged.join()).not.toContain(secret);
    });
  });
}
