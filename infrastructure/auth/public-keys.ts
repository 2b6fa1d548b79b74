import { createPublicKey, type KeyObject } from 'node:crypto';
import type { CryptoKey, createLocalJWKSet, errors, JWK, JWSHeaderParameters } from 'jose';
import { Unauthenticated } from '../../application/application-errors.ts';
import { errorCode } from '../error-code.ts';

/** The algorithms that Better Auth can sign with. RFC 9864 renames EdDSA with an Ed25519 key to Ed25519. */
export const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256', 'ES512', 'RS256', 'PS256'];

/** How many keys with the same `kid` are tried. */
const SAME_ID_MAX = 4;

/** The keys that verify tokens. */
export interface KeySet {
  /**
   * Returns the keys that may have signed a token, at least one. There are several only if they have the same `kid`.
   *
   * @param header the token's header, which names the key and the algorithm
   * @throws Unauthenticated if there is no such key
   * @throws KeySetUnavailable if the keys cannot be fetched at the moment
   */
  keysFor(header: JWSHeaderParameters): Promise<readonly CryptoKey[]>;
}

/** The public keys of a JSON Web Key Set (RFC 7517). */
export class PublicKeys implements KeySet {
  private readonly lookUp: Promise<ReturnType<typeof createLocalJWKSet>>;

  private constructor(readonly keys: readonly JWK[]) {
    this.lookUp = import('jose').then(({ createLocalJWKSet }) => createLocalJWKSet({ keys: [...keys] }));
  }

  /**
   * Takes the keys that can verify a token. Other entries are ignored (RFC 7517, section 5).
   *
   * @throws TypeError with the reason if the set has no public key that is strong enough
   */
  static from(set: unknown): PublicKeys {
    if (!isKeySet(set)) throw new TypeError('it is not a JSON Web Key Set, an object with an array of keys');
    const keys = set.keys.flatMap((entry) => readVerificationKey(entry) ?? []);
    if (keys.length === 0) throw new TypeError('it has no supported public key');
    return new PublicKeys(keys);
  }

  /**
   * @param json may begin with a byte order mark
   * @throws TypeError as `from` does. The message does not quote the text, which may contain secrets.
   */
  static parse(json: string): PublicKeys {
    let set: unknown;
    try {
      set = JSON.parse(json.replace(/^\ufeff/, ''));
    } catch {
      throw new TypeError('it is not JSON');
    }
    return PublicKeys.from(set);
  }

  async keysFor(header: JWSHeaderParameters): Promise<readonly CryptoKey[]> {
    const keys = await this.find(header);
    if (keys.length === 0) throw unknownKey();
    return keys;
  }

  /** The keys that match the `kid` and the algorithm of a header; none if it has no `kid` and several match. */
  async find(header: JWSHeaderParameters): Promise<readonly CryptoKey[]> {
    const lookUp = await this.lookUp;
    try {
      return [await lookUp(header)];
    } catch (error) {
      if (hasCode(error, 'ERR_JWKS_NO_MATCHING_KEY')) return [];
      if (hasCode(error, 'ERR_JWKS_MULTIPLE_MATCHING_KEYS')) return header.kid === undefined ? [] : firstKeys(error);
      throw error;
    }
  }
}

export function unknownKey(): Unauthenticated {
  return new Unauthenticated('the token is signed with an unknown key');
}

function hasCode(error: unknown, code: string): error is errors.JWKSMultipleMatchingKeys {
  return errorCode(error) === code;
}

/** The error for several keys iterates over them. */
async function firstKeys(error: errors.JWKSMultipleMatchingKeys): Promise<CryptoKey[]> {
  const keys: CryptoKey[] = [];
  for await (const key of error) if (keys.push(key) === SAME_ID_MAX) break;
  return keys;
}

function isKeySet(set: unknown): set is { readonly keys: readonly unknown[] } {
  return typeof set === 'object' && set !== null && 'keys' in set && Array.isArray(set.keys);
}

/**
 * The public key of an entry, reduced to what identifies it. Further members, such as `ext`, may have any value.
 *
 * @returns undefined for shared secrets, private keys, keys for other purposes and what is no key
 */
function readVerificationKey(entry: unknown): JWK | undefined {
  if (!isJwk(entry) || entry.kty === 'oct' || entry.d !== undefined) return undefined;
  if (typeof entry.use === 'string' && entry.use !== 'sig') return undefined;
  if (Array.isArray(entry.key_ops) && !entry.key_ops.includes('verify')) return undefined;
  try {
    const key = createPublicKey({ key: entry, format: 'jwk' });
    if (!isStrong(key)) return undefined;
    // The algorithm of Ed25519 keys has two names. If the key names neither, it matches headers with either.
    const isNamed = typeof entry.alg === 'string' && entry.crv !== 'Ed25519';
    return {
      ...key.export({ format: 'jwk' }),
      ...(typeof entry.kid === 'string' && { kid: entry.kid }),
      ...(isNamed && { alg: entry.alg }),
    };
  } catch {
    return undefined;
  }
}

function isJwk(entry: unknown): entry is JWK {
  return typeof entry === 'object' && entry !== null;
}

/** Whether one of `ALGORITHMS` can use the key. RSA keys must have at least 2048 bits (RFC 7518, section 3.3). */
function isStrong({
  asymmetricKeyType: type,
  asymmetricKeyDetails: { namedCurve = '', modulusLength = 0 } = {},
}: KeyObject) {
  if (type === 'ec') return namedCurve === 'prime256v1' || namedCurve === 'secp521r1';
  return type === 'ed25519' || (type === 'rsa' && modulusLength >= 2048);
}
