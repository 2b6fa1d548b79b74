import { createPublicKey, type KeyObject } from 'node:crypto';
import type { CryptoKey, createLocalJWKSet, JSONWebKeySet, JWK, JWSHeaderParameters } from 'jose';
import { Unauthenticated } from '../../application/application-errors.ts';
import { errorCode } from '../error-code.ts';

/** The algorithms that Better Auth can sign with. RFC 9864 renames EdDSA with an Ed25519 key to Ed25519. */
export const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'ES512', 'RS256', 'PS256'];

/** The keys that verify tokens. */
export interface KeySet {
  /**
   * @param header the token's header, which names the key and the algorithm
   * @throws Unauthenticated if there is no such key
   * @throws KeySetUnavailable if the keys cannot be fetched at the moment
   */
  keyFor(header: JWSHeaderParameters): Promise<CryptoKey>;
}

/** The public keys of a JSON Web Key Set (RFC 7517). */
export class PublicKeys implements KeySet {
  private readonly lookUp: Promise<ReturnType<typeof createLocalJWKSet>>;

  private constructor(readonly keys: readonly JWK[]) {
    this.lookUp = import('jose').then(({ createLocalJWKSet }) => createLocalJWKSet({ keys: [...keys] }));
  }

  /** @throws TypeError with the reason if the set has no public key that is strong enough */
  static from(set: unknown): PublicKeys {
    if (!isKeySet(set)) throw new TypeError('it is not a JSON Web Key Set, an object with an array of keys');
    const keys = set.keys.filter(isStrongPublicKey).map(withoutEd25519Name);
    if (keys.length === 0) throw new TypeError('it has no supported public key');
    return new PublicKeys(keys);
  }

  /** @throws TypeError as `from` does. The message does not quote the text, which may contain secrets. */
  static parse(json: string): PublicKeys {
    let set: unknown;
    try {
      set = JSON.parse(json);
    } catch {
      throw new TypeError('it is not JSON');
    }
    return PublicKeys.from(set);
  }

  async keyFor(header: JWSHeaderParameters): Promise<CryptoKey> {
    const key = await this.find(header);
    if (key === undefined) throw unknownKey();
    return key;
  }

  /** The key that matches the `kid` and the algorithm of a header; `undefined` if none or several match. */
  async find(header: JWSHeaderParameters): Promise<CryptoKey | undefined> {
    const lookUp = await this.lookUp;
    try {
      return await lookUp(header);
    } catch (error) {
      const code = errorCode(error);
      if (code === 'ERR_JWKS_NO_MATCHING_KEY' || code === 'ERR_JWKS_MULTIPLE_MATCHING_KEYS') return undefined;
      throw error;
    }
  }
}

export function unknownKey(): Unauthenticated {
  return new Unauthenticated('the token is signed with an unknown key');
}

function isKeySet(set: unknown): set is JSONWebKeySet {
  if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys)) return false;
  return set.keys.every((key) => typeof key === 'object' && key !== null);
}

/** Excludes shared secrets, private keys and malformed keys. */
function isStrongPublicKey(key: JWK): boolean {
  if (key.kty === 'oct' || key.d !== undefined) return false;
  try {
    return isStrong(createPublicKey({ key, format: 'jwk' }));
  } catch {
    return false;
  }
}

/** Whether one of `ALGORITHMS` can use the key. RSA keys must have at least 2048 bits (RFC 7518, section 3.3). */
function isStrong({
  asymmetricKeyType: type,
  asymmetricKeyDetails: { namedCurve = '', modulusLength = 0 } = {},
}: KeyObject) {
  if (type === 'ec') return namedCurve === 'prime256v1' || namedCurve === 'secp521r1';
  return type === 'ed25519' || (type === 'rsa' && modulusLength >= 2048);
}

/** The algorithm of Ed25519 keys has two names. If the key names neither, it matches headers with either. */
function withoutEd25519Name(key: JWK): JWK {
  if (key.crv !== 'Ed25519') return key;
  const { alg: _, ...nameless } = key;
  return nameless;
}
