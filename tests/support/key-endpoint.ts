import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { Clock } from '../../application/ports/clock.ts';

export const ISSUER = 'https://app.example.com';

/** A key as Better Auth makes them, with a way to sign with it. */
export interface SigningKey {
  readonly kid: string;
  readonly jwk: JWK;
  /** A token that would hold if nothing else were said; an undefined claim or header is left out. */
  sign(claims?: object, header?: object): Promise<string>;
}

/** @param clock tells when the key's tokens are signed */
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

/** An endpoint that publishes keys, and that can be told to do worse. */
export interface KeyEndpoint {
  readonly url: string;
  /** How often it was asked. */
  asked: number;
  /** What it does from now on. */
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
