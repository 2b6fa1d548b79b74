import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { userId } from './population.ts';

export type Algorithm = 'HS256' | 'EdDSA';

/** Where the tokens that Better Auth signs with a key of its own come from. */
export const BETTER_AUTH_URL = 'https://app.example.com';
const KEY_ID = 'vYNXTj1mAgtoaFVdfEoUPuDRUFnGkVZy';
/** Long enough for the longest run, in seconds. */
const LIFETIME = 24 * 60 * 60;

/** Signs the users' tokens, as the frontends of the specifications and as Better Auth's jwt plugin do. */
export class TokenSigner {
  private readonly keys = generateKeyPairSync('ed25519');
  private readonly now = Math.floor(Date.now() / 1000);

  constructor(readonly secret: string) {}

  /** The public half of the key, as a JSON Web Key Set. */
  get keySet(): string {
    return JSON.stringify({ keys: [{ ...this.keys.publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'EdDSA' }] });
  }

  /** A token of user u. */
  token(algorithm: Algorithm, u: number): string {
    return algorithm === 'HS256' ? this.sharedSecret(u) : this.ownKey(u);
  }

  private sharedSecret(u: number): string {
    const email = `user${u}@example.com`;
    const text = unsigned({ alg: 'HS256', typ: 'JWT' }, { sub: userId(u), email, ...this.life() });
    return `${text}.${createHmac('sha256', this.secret).update(text).digest('base64url')}`;
  }

  /** Better Auth puts the whole user in, unless it is told otherwise. */
  private ownKey(u: number): string {
    const made = new Date(this.now * 1000).toISOString();
    const user = {
      id: userId(u),
      name: `User ${u}`,
      email: `user${u}@example.com`,
      emailVerified: true,
      image: null,
      createdAt: made,
      updatedAt: made,
    };
    const names = { sub: userId(u), iss: BETTER_AUTH_URL, aud: BETTER_AUTH_URL };
    const text = unsigned({ alg: 'EdDSA', kid: KEY_ID }, { ...user, ...names, ...this.life() });
    return `${text}.${sign(null, Buffer.from(text), this.keys.privateKey).toString('base64url')}`;
  }

  private life(): { iat: number; exp: number } {
    return { iat: this.now, exp: this.now + LIFETIME };
  }
}

function unsigned(header: object, claims: object): string {
  return [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
}
