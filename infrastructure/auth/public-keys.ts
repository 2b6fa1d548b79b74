import { createPublicKey, type KeyObject } from 'node:crypto';
import type { CryptoKey, JSONWebKeySet, JWK, JWSHeaderParameters } from 'jose';

/** What Better Auth can be configured to sign with; RFC 9864 calls EdDSA with an Ed25519 key Ed25519. */
export const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'ES512', 'RS256', 'PS256'];

type Jose = typeof import('jose');
type LookUp = ReturnType<Jose['createLocalJWKSet']>;

/** The public keys of a JSON Web Key Set (RFC 7517), to be looked up by what a token's header says. */
export class PublicKeys {
  private readonly library: Promise<{ lookUp: LookUp; errors: Jose['errors'] }>;

  private constructor(readonly keys: readonly JWK[]) {
    this.library = import('jose').then(({ createLocalJWKSet, errors }) => {
      return { lookUp: createLocalJWKSet({ keys: [...keys] }), errors };
    });
  }

  /** @throws TypeError that says what is wrong, when there is no key in it that a signature could be verified with */
  static from(set: unknown): PublicKeys {
    if (!isKeySet(set)) throw new TypeError('it is no JSON Web Key Set: an object with an array of keys');
    const keys = set.keys.filter(isPublic).map(withBothNames);
    if (keys.length === 0) throw new TypeError('it has no public key in it');
    return new PublicKeys(keys);
  }

  /** The one key that a header asks for, by its `kid` and its algorithm; `undefined` where there is none, or no single one. */
  async find(header: JWSHeaderParameters): Promise<CryptoKey | undefined> {
    const { lookUp, errors } = await this.library;
    try {
      return await lookUp(header);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        return undefined;
      throw error;
    }
  }
}

function isKeySet(set: unknown): set is JSONWebKeySet {
  if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys)) return false;
  return set.keys.every((key) => typeof key === 'object' && key !== null);
}

/** A shared secret has no place among public keys, and neither has the private half of one. */
function isPublic(key: JWK): boolean {
  if (key.kty === 'oct' || key.d !== undefined) return false;
  try {
    return isStrong(createPublicKey({ key, format: 'jwk' }));
  } catch {
    return false;
  }
}

/** Whether one of the algorithms can verify with it; RSA keys have at least 2048 bits (RFC 7518, section 3.3). */
function isStrong({
  asymmetricKeyType: type,
  asymmetricKeyDetails: { namedCurve = '', modulusLength = 0 } = {},
}: KeyObject) {
  if (type === 'ec') return namedCurve === 'prime256v1' || namedCurve === 'secp521r1';
  return type === 'ed25519' || (type === 'rsa' && modulusLength >= 2048);
}

/** An Ed25519 key has one algorithm under two names: without a name of its own it is found by either. */
function withBothNames(key: JWK): JWK {
  if (key.crv !== 'Ed25519') return key;
  const { alg: _, ...nameless } = key;
  return nameless;
}
