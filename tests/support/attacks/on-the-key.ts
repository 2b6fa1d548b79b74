import { hmac, jws, type KeyPair } from '../signer.ts';
import { ATTACKERS, type Attack, type Means } from './attack.ts';

/** Token headers that point to the attacker's own key. */
const POINTERS: readonly (readonly [name: string, header: (own: KeyPair, means: Means) => object])[] = [
  ['its key in jwk', ({ jwk }) => ({ jwk })],
  ['its key in jwk, under a kid that is known', (own, means) => ({ jwk: own.jwk, kid: known(own, means) })],
  ['its key set in jku', (_, { attackerUrl }) => ({ jku: `${attackerUrl}/jku` })],
  [
    'its key set in jku, under a kid that is known',
    (own, means) => ({
      jku: `${means.attackerUrl}/jku-kid`,
      kid: known(own, means),
    }),
  ],
  ['its certificate in x5u', (_, { attackerUrl }) => ({ x5u: `${attackerUrl}/x5u` })],
  ['its certificate in x5c', ({ publicKey }) => ({ x5c: [spki(publicKey)], x5t: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA' })],
  [
    'all of them',
    (own, { attackerUrl }) => ({
      jwk: own.jwk,
      jku: `${attackerUrl}/jku`,
      x5u: `${attackerUrl}/x5u`,
      x5c: [spki(own.publicKey)],
    }),
  ],
  ['a kid that is known', (own, means) => ({ kid: known(own, means) })],
  ['a kid that nobody knows', () => ({ kid: 'nobody' })],
  ['no kid', () => ({ kid: undefined })],
  ['a kid that is a path', () => ({ kid: '../../../../../../dev/null' })],
  ['a kid that is a URL', (_, { attackerUrl }) => ({ kid: `${attackerUrl}/kid` })],
  ['a kid that is a file URL', () => ({ kid: 'file:///dev/null' })],
  ['a kid that is SQL', () => ({ kid: `x' UNION SELECT 'key' --` })],
  ['a kid that is a command', () => ({ kid: '|/usr/bin/id' })],
  ['a kid with U+0000', () => ({ kid: 'key\0' })],
  ['a kid of a property that everything has', () => ({ kid: '__proto__' })],
  ['a kid of a method that everything has', () => ({ kid: 'constructor' })],
  ['a kid that is a number', () => ({ kid: 0 })],
  ['a kid that is an array', (own, means) => ({ kid: [known(own, means)] })],
  ['a kid that is an object', () => ({ kid: { $ne: null } })],
  ['an empty kid', () => ({ kid: '' })],
  ['a kid of 4,000 characters', () => ({ kid: 'k'.repeat(4000) })],
];

const ownKeys: Attack[] = ATTACKERS.flatMap((own) =>
  POINTERS.map(
    ([name, header]): Attack => [
      `${own.algorithm} by the attacker with ${name}`,
      (means) => jws({ ...own.header, ...header(own, means) }, means.claims(), own.sign),
    ],
  ),
);

/** Secrets that a careless lookup of the key could return. */
const ownSecrets: Attack[] = [
  ['nothing, as in /dev/null', '', { kid: '/dev/null' }],
  ['the result of its SQL', 'key', { kid: `x' UNION SELECT 'key' --` }],
  ['its own, in jwk', 'attacker', { jwk: { kty: 'oct', k: Buffer.from('attacker').toString('base64url') } }],
  ['undefined', 'undefined', { kid: 'nobody' }],
].map(
  ([name, secret, header]): Attack => [
    `HS256 by the attacker, whose secret is ${name}`,
    ({ claims }) => jws({ alg: 'HS256', ...(header as object) }, claims(), hmac('sha256', secret as string)),
  ],
);

const ownIssuer: Attack[] = ATTACKERS.map(
  (own): Attack => [
    `${own.algorithm} by the attacker, who is also the issuer`,
    ({ claims, attackerUrl }) =>
      jws({ ...own.header, jku: `${attackerUrl}/api/auth/jwks` }, { ...claims(), iss: attackerUrl }, own.sign),
  ],
);

/** Tokens that contain their key or point to it. */
export const ATTACKS_ON_THE_KEY: readonly Attack[] = [...ownKeys, ...ownSecrets, ...ownIssuer];

function known(own: KeyPair, { published }: Means): string {
  return published.find(({ algorithm }) => algorithm === own.algorithm)!.kid;
}

function spki(key: KeyPair['publicKey']): string {
  return key.export({ type: 'spki', format: 'der' }).toString('base64');
}
