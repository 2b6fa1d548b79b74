import type { KeyObject } from 'node:crypto';
import { hmac, jws, type KeyPair, SIGNING, secretSigner, signingInput } from '../signer.ts';
import type { Attack, Means } from './attack.ts';

/** The encodings of a public key that a server could mistake for a secret. */
const AS_BYTES: readonly (readonly [name: string, bytes: (key: KeyPair) => string | Buffer])[] = [
  ['PEM', ({ publicKey }) => pem(publicKey)],
  ['PEM without its last line break', ({ publicKey }) => pem(publicKey).trimEnd()],
  ['PEM with Windows line breaks', ({ publicKey }) => pem(publicKey).replaceAll('\n', '\r\n')],
  ['DER', ({ publicKey }) => publicKey.export({ type: 'spki', format: 'der' })],
  ['DER in Base64', ({ publicKey }) => publicKey.export({ type: 'spki', format: 'der' }).toString('base64')],
  ['JWK', ({ jwk }) => JSON.stringify(jwk)],
  ['JWK without kid and alg', ({ publicKey }) => JSON.stringify(publicKey.export({ format: 'jwk' }))],
  ['key set', ({ jwk }) => JSON.stringify({ keys: [jwk] })],
  ['x or n', ({ jwk }) => String(jwk.x ?? jwk.n)],
  ['bytes of x or n', ({ jwk }) => Buffer.from(String(jwk.x ?? jwk.n), 'base64url')],
  ['kid', ({ kid }) => kid],
];

const publicKeyAsSecret: Attack[] = ['EdDSA', 'ES256', 'RS256'].flatMap((algorithm) =>
  AS_BYTES.map(
    ([name, bytes]): Attack => [
      `HS256 with the public key of ${algorithm} (${name})`,
      (means) => {
        const key = published(means, algorithm);
        return jws({ alg: 'HS256', kid: key.kid }, means.claims(), hmac('sha256', bytes(key)));
      },
    ],
  ),
);

const LABELS = [
  ...['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES256K', 'ES384'],
  ...['ES512', 'EdDSA', 'Ed25519', 'Ed448', 'ML-DSA-44', 'RSA-OAEP-256', 'dir', 'A256KW', '', 'none', 'HS256 ', 'HS1'],
  ...['__proto__', 'constructor', 'toString', '*'],
];

/** An Ed25519 key has two names for one algorithm (RFC 9864). */
const SYNONYMS: Readonly<Record<string, string>> = { EdDSA: 'Ed25519' };

const mislabelled: Attack[] = LABELS.map(
  (alg): Attack => [
    `a signature labelled "${alg}", which it is not`,
    ({ honest, claims }) =>
      alg === honest.algorithm || alg === SYNONYMS[honest.algorithm]
        ? undefined
        : jws({ ...honest.header, alg }, claims(), honest.sign),
  ],
);

const NO_ALGORITHMS: readonly unknown[] = [null, 256, true, {}, [], ['HS256', 'EdDSA', 'ES256', 'RS256']];

const withoutAlgorithm: Attack[] = [
  ...NO_ALGORITHMS.map(
    (alg): Attack => [
      `alg as ${JSON.stringify(alg)}`,
      ({ honest, claims }) => jws({ ...honest.header, alg }, claims(), honest.sign),
    ],
  ),
  [
    'alg in an array',
    ({ honest, claims }) => jws({ ...honest.header, alg: [honest.algorithm] }, claims(), honest.sign),
  ],
  ['no alg', ({ honest, claims }) => jws({ ...honest.header, alg: undefined }, claims(), honest.sign)],
  [
    'alg in small letters',
    ({ honest, claims }) => jws({ ...honest.header, alg: honest.algorithm.toLowerCase() }, claims(), honest.sign),
  ],
];

const none: Attack[] = ['none', 'None', 'NONE', 'nOnE'].flatMap((alg): Attack[] => [
  [`alg ${alg} without a signature`, ({ claims }) => jws({ alg }, claims(), () => Buffer.alloc(0))],
  [`alg ${alg} with a signature`, ({ honest, claims }) => jws({ ...honest.header, alg }, claims(), honest.sign)],
  [`alg ${alg} in two parts`, ({ claims }) => signingInput({ alg, typ: 'JWT' }, claims())],
]);

const signatures: Attack[] = [
  ['no signature', ({ honest, claims }) => jws(honest.header, claims(), () => Buffer.alloc(0))],
  ['a signature of zeros', ({ honest, claims }) => jws(honest.header, claims(), (input) => honest.sign(input).fill(0))],
  [
    'a signature cut short',
    ({ honest, claims }) => jws(honest.header, claims(), (input) => honest.sign(input).subarray(0, -1)),
  ],
  [
    'a signature made longer',
    ({ honest, claims }) => jws(honest.header, claims(), (input) => Buffer.concat([honest.sign(input), Buffer.of(0)])),
  ],
  [
    'a signature with one bit turned',
    ({ honest, claims }) =>
      jws(honest.header, claims(), (input) => {
        const signature = honest.sign(input);
        signature[7]! ^= 1;
        return signature;
      }),
  ],
  [
    'the signature of another token',
    ({ honest, claims }) => jws(honest.header, { ...claims(), sub: 'bob' }, () => honest.sign(signingInput({}, {}))),
  ],
  [
    'claims changed after the signature',
    ({ honest, claims }) => {
      const signature = honest.sign(signingInput(honest.header, claims()));
      return jws(honest.header, { ...claims(), sub: 'bob' }, () => signature);
    },
  ],
  [
    'an ECDSA signature in DER',
    ({ claims, ...means }) => {
      const key = published({ claims, ...means }, 'ES256');
      return jws(key.header, claims(), (input) => derOf(key.sign(input)));
    },
  ],
  ['PS256 by a key for RS256', (means) => signedAs('PS256', 'RS256', means)],
  ['RS512 by a key for RS256', (means) => signedAs('RS512', 'RS256', means)],
  ['RS256 labelled EdDSA', (means) => signedAs('RS256', 'RS256', means, 'EdDSA')],
  ['ES256 labelled RS256', (means) => signedAs('ES256', 'ES256', means, 'RS256')],
  ['ES256 under the kid of an RSA key', (means) => underOtherKid('ES256', 'RS256', means)],
  ['EdDSA under the kid of an elliptic curve', (means) => underOtherKid('EdDSA', 'ES256', means)],
  ['RS256 under the kid of an Ed25519 key', (means) => underOtherKid('RS256', 'EdDSA', means)],
];

const secrets: Attack[] = [
  ['an empty secret', ''],
  ['the default secret of Better Auth', 'better-auth-secret-12345678901234567890'],
  ['a secret that everybody uses', 'secret'],
  ['the name of the setting for a secret', 'BETTER_AUTH_SECRET'],
].map(
  ([name, secret]): Attack => [
    `HS256 with ${name}`,
    ({ claims }) => jws({ alg: 'HS256', typ: 'JWT' }, claims(), hmac('sha256', secret!)),
  ],
);

const wrongHashes: Attack[] = [
  ['HS384 under the secret', ({ claims, secret }) => jws({ alg: 'HS384' }, claims(), hmac('sha384', secret))],
  ['HS512 under the secret', ({ claims, secret }) => jws({ alg: 'HS512' }, claims(), hmac('sha512', secret))],
  ...['EdDSA', 'ES256', 'RS256'].map(
    (alg): Attack => [
      `the secret's HMAC labelled ${alg}`,
      (means) => jws(published(means, alg).header, means.claims(), secretSigner(means.secret).sign),
    ],
  ),
  [
    'the secret in another letter case',
    ({ claims, secret }) => jws({ alg: 'HS256' }, claims(), hmac('sha256', secret.toUpperCase())),
  ],
];

/** Tokens without a signature, with a signature of the wrong key, or with another algorithm than their header names. */
export const ATTACKS_ON_THE_ALGORITHM: readonly Attack[] = [
  ...none,
  ...publicKeyAsSecret,
  ...secrets,
  ...wrongHashes,
  ...mislabelled,
  ...withoutAlgorithm,
  ...signatures,
];

function published({ published }: Means, algorithm: string): KeyPair {
  return published.find((key) => key.algorithm === algorithm)!;
}

function signedAs(how: string, algorithm: string, means: Means, label = how): string {
  const key = published(means, algorithm);
  return jws({ alg: label, kid: key.kid }, means.claims(), SIGNING[how]!(key.privateKey));
}

function underOtherKid(algorithm: string, other: string, means: Means): string {
  const header = { alg: algorithm, kid: published(means, other).kid };
  return jws(header, means.claims(), published(means, algorithm).sign);
}

function pem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** Encodes the two numbers of an ECDSA signature in DER. */
function derOf(signature: Buffer): Buffer {
  const integers = [signature.subarray(0, 32), signature.subarray(32)].map((number) => {
    const positive = number[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), number]) : number;
    return Buffer.concat([Buffer.of(2, positive.length), positive]);
  });
  const sequence = Buffer.concat(integers);
  return Buffer.concat([Buffer.of(0x30, sequence.length), sequence]);
}
