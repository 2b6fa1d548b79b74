import { constants, createHmac, createSecretKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export type Sign = (input: string) => Buffer;

/** Signs tokens. */
export interface Signer {
  readonly algorithm: string;
  /** The header of its tokens. */
  readonly header: Readonly<Record<string, unknown>>;
  readonly sign: Sign;
}

/** A key pair whose public key is published. */
export interface KeyPair extends Signer {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** The public key as it stands in a key set. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

export function hmac(hash: 'sha256' | 'sha384' | 'sha512', key: string | Buffer): Sign {
  return (input) => createHmac(hash, key).update(input).digest();
}

export function secretSigner(secret: string): Signer {
  const key = createSecretKey(secret, 'utf8').export();
  return { algorithm: 'HS256', header: { alg: 'HS256', typ: 'JWT' }, sign: hmac('sha256', key) };
}

/** How each algorithm signs (RFC 7518, section 3; RFC 8037). */
export const SIGNING: Readonly<Record<string, (key: KeyObject) => Sign>> = {
  EdDSA: (key) => (input) => sign(null, Buffer.from(input), key),
  ES256: (key) => (input) => sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }),
  RS256: (key) => (input) => sign('sha256', Buffer.from(input), key),
  RS512: (key) => (input) => sign('sha512', Buffer.from(input), key),
  PS256: (key) => (input) =>
    sign('sha256', Buffer.from(input), { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
};

export function keyPair(algorithm: 'EdDSA' | 'ES256' | 'RS256', kid: string): KeyPair {
  const { publicKey, privateKey } = generateKeys(algorithm);
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm };
  const sign = SIGNING[algorithm]!(privateKey);
  return { algorithm, kid, publicKey, privateKey, jwk, header: { alg: algorithm, kid }, sign };
}

function generateKeys(algorithm: 'EdDSA' | 'ES256' | 'RS256'): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519');
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

/** The parts of a token before its signature. Text and bytes stay unchanged, other values become JSON. */
export function signingInput(header: unknown, payload: unknown): string {
  return [header, payload].map((part) => Buffer.from(text(part)).toString('base64url')).join('.');
}

export function jws(header: unknown, payload: unknown, sign: Sign): string {
  const input = signingInput(header, payload);
  return `${input}.${sign(input).toString('base64url')}`;
}

function text(part: unknown): string | Uint8Array {
  return typeof part === 'string' || part instanceof Uint8Array ? part : JSON.stringify(part);
}
