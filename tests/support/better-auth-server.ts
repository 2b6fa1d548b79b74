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

/** The server of a frontend, on a port of its own. @param handler made once the URL is known, as Better Auth needs it */
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

/** Somebody who has signed up and signed in. */
export interface Account {
  readonly id: string;
  readonly page: Page;
  /** The link that was sent to confirm the address. */
  readonly verificationLink: URL;
  /** Of the jwt plugin. */
  token(): Promise<string>;
}

export interface BetterAuthServer {
  readonly url: string;
  requireUser(name: string): Promise<Account>;
  /** What the session of a request holds, as a frontend's own route sees it. */
  session(headers: Headers): Promise<{ readonly user: { readonly id: string; readonly email: string } } | null>;
  /** Lets the key expire: what `rotationInterval` does, without the wait. The next token is signed with a new one. */
  rotateKeys(): Promise<void>;
  close(): Promise<void>;
}

export interface BetterAuthSettings {
  readonly databaseUrl: string;
  readonly secret: string;
  readonly algorithm?: 'EdDSA' | 'ES256' | 'RS256';
  /** Where browsers find it, if not where it listens. */
  readonly baseUrl?: string;
  /** Keeps the session in a second cookie, a JWT signed with the secret or with the keys of the jwt plugin. */
  readonly cookieCache?: 'secret' | 'keys';
  /** A frontend's own routes, by their path. */
  readonly routes?: Readonly<Record<string, (request: Request, server: BetterAuthServer) => Promise<Response>>>;
}

/** A real Better Auth with its tables in a database, as it would run within a frontend. */
export async function startBetterAuth(settings: BetterAuthSettings): Promise<BetterAuthServer> {
  const { databaseUrl, secret, algorithm = 'EdDSA', cookieCache, routes = {} } = settings;
  const database = new pg.Pool({ connectionString: databaseUrl, max: 3 });
  const links: URL[] = [];

  const made = (baseURL: string) =>
    betterAuth({
      database,
      baseURL,
      secret,
      emailAndPassword: { enabled: true },
      emailVerification: {
        sendOnSignUp: true,
        sendVerificationEmail: async ({ url }) => void links.push(new URL(url)),
      },
      session: { cookieCache: { enabled: cookieCache !== undefined, strategy: 'jwt' } },
      plugins: [jwt({ jwks: { keyPairConfig: { alg: algorithm } }, sessionCookieCache: cookieCache === 'keys' })],
    });

  let auth: ReturnType<typeof made>;
  const { url, close } = await serveFrontend(async (url) => {
    auth = made(settings.baseUrl ?? url);
    await (await getMigrations(auth.options)).runMigrations();
    return (request) => routes[new URL(request.url).pathname]?.(request, server) ?? auth.handler(request);
  });
  const server: BetterAuthServer = {
    url,
    requireUser: async (name) => {
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
