import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { Clock } from '../../application/ports/clock.ts';

export const ISSUER = 'https://app.example.com';

/** A key pair as Better Auth creates it. */
export interface SigningKey {
  readonly kid: string;
  readonly jwk: JWK;
  /** Signs a valid token, with these claims and header parameters changed. One that is `undefined` is left out. */
  sign(claims?: object, header?: object): Promise<string>;
}

/** @param clock gives the time at which tokens are signed */
export async function signingKey(kid: string, alg: string, clock: Clock): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    kid,
    jwk: { alg, kid, ...(await exportJWK(publicKey)) },
    sign(claims = {}, header = {}) {
      const now = Math.floor(clock.epochMs() / 1000);
      const given = { sub: 'ann', iss: ISSUER, aud: ISSUER, iat: now, exp: now + 900, ...claims };
      return new SignJWT(present(given))
        .setProtectedHeader(present({ alg, kid, ...header }) as { alg: string })
        .sign(privateKey);
    },
  };
}

function present(entries: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}

/** An endpoint that publishes keys. A test can make it fail. */
export interface KeyEndpoint {
  readonly url: string;
  /** The number of requests so far. */
  asked: number;
  /** Handles the next requests. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  publish(...keys: SigningKey[]): void;
  close(): Promise<void>;
}

export async function startKeyEndpoint(...keys: SigningKey[]): Promise<KeyEndpoint> {
  const server = createServer((request, response) => {
    endpoint.asked += 1;
    endpoint.answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const endpoint: KeyEndpoint = {
    url: `http://127.0.0.1:${port}/api/auth/jwks`,
    asked: 0,
    answer: () => {},
    publish(...keys) {
      this.answer = (_, response) => response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  endpoint.publish(...keys);
  return endpoint;
}
