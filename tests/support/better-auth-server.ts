import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { jwt } from 'better-auth/plugins';
import pg from 'pg';
import { Page } from './page.ts';

type Handler = (request: Request) => Promise<Response>;

export interface FrontendServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the server of a frontend on a free port. @param handler creates the handler; Better Auth needs the URL for that */
export async function serveFrontend(handler: (url: string) => Promise<Handler>): Promise<FrontendServer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('request', toNodeHandler(await handler(url)));
  return {
    url,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A user who has signed up and signed in. */
export interface Account {
  readonly id: string;
  readonly page: Page;
  /** The link of the mail that confirms the address. */
  readonly verificationLink: URL;
  /** Gets a token of the jwt plugin. */
  token(): Promise<string>;
}

export interface BetterAuthServer {
  readonly url: string;
  signUp(name: string): Promise<Account>;
  /** Reads the session of a request, as a route of the frontend does. */
  session(headers: Headers): Promise<{ readonly user: { readonly id: string; readonly email: string } } | null>;
  /** Lets the key expire, as `rotationInterval` does after a while. A new key signs the next token. */
  rotateKeys(): Promise<void>;
  close(): Promise<void>;
}

export interface BetterAuthSettings {
  readonly databaseUrl: string;
  readonly secret: string;
  readonly algorithm?: 'EdDSA' | 'ES256' | 'RS256';
  /** Its URL in the browser, if that differs from the URL at which it listens. */
  readonly baseUrl?: string;
  /** Caches the session in a second cookie: a JWT that the secret or the keys of the jwt plugin sign. */
  readonly cookieCache?: 'secret' | 'keys';
  /** Further routes of the frontend, by path. */
  readonly routes?: Readonly<Record<string, (request: Request, server: BetterAuthServer) => Promise<Response>>>;
}

/** Starts a real Better Auth with its tables in a database, as it runs within a frontend. */
export async function startBetterAuth(settings: BetterAuthSettings): Promise<BetterAuthServer> {
  const { databaseUrl, secret, algorithm = 'EdDSA', cookieCache, routes = {} } = settings;
  const database = new pg.Pool({ connectionString: databaseUrl, max: 3 });
  database.on('error', () => {}); // the database may be dropped before the last connection is closed
  const links: URL[] = [];

  const create = (baseURL: string) =>
    betterAuth({
      database,
      baseURL,
      secret,
      emailAndPassword: { enabled: true },
      user: { deleteUser: { enabled: true } },
      emailVerification: {
        sendOnSignUp: true,
        sendVerificationEmail: async ({ url }) => void links.push(new URL(url)),
      },
      session: { cookieCache: { enabled: cookieCache !== undefined, strategy: 'jwt' } },
      plugins: [jwt({ jwks: { keyPairConfig: { alg: algorithm } }, sessionCookieCache: cookieCache === 'keys' })],
    });

  let auth: ReturnType<typeof create>;
  const { url, close } = await serveFrontend(async (url) => {
    auth = create(settings.baseUrl ?? url);
    await (await getMigrations(auth.options)).runMigrations();
    return (request) => routes[new URL(request.url).pathname]?.(request, server) ?? auth.handler(request);
  });
  const server: BetterAuthServer = {
    url,
    signUp: async (name) => {
      const page = new Page(url, settings.baseUrl);
      const credentials = { email: `${name}@example.com`, password: 'correct horse battery staple' };
      const signedUp = await page.post('/api/auth/sign-up/email', { name, ...credentials });
      const { user } = (await signedUp.json()) as { user: { id: string } };
      await page.post('/api/auth/sign-in/email', credentials);
      const token = async () => {
        const answer = (await (await page.fetch('/api/auth/token')).json()) as { token: string };
        return answer.token;
      };
      const verificationLink = links.at(-1);
      if (verificationLink === undefined) throw new Error('no link was sent');
      return { id: user.id, page, verificationLink, token };
    },
    session: (headers) => auth.api.getSession({ headers }),
    rotateKeys: async () => void (await database.query(`update jwks set "expiresAt" = now() - interval '1 second'`)),
    close: async () => {
      await close();
      await database.end();
    },
  };
  return server;
}
