import { jws } from '../signer.ts';
import { type Attack, now } from './attack.ts';

const DAYS = 86_400;

/** Claims that the server must refuse in a token with a valid signature. A claim that is `undefined` is left out. */
const CLAIMS: readonly (readonly [name: string, claims: () => object])[] = [
  ['no exp', () => ({ exp: undefined })],
  ['exp in text', () => ({ exp: String(now() + 900) })],
  ['exp as a date', () => ({ exp: new Date(Date.now() + 900_000).toISOString() })],
  ['exp null', () => ({ exp: null })],
  ['exp true', () => ({ exp: true })],
  ['exp in an array', () => ({ exp: [now() + 900] })],
  ['exp as an object', () => ({ exp: {} })],
  ['exp 0', () => ({ exp: 0 })],
  ['exp negative', () => ({ exp: -1 })],
  ['exp past', () => ({ iat: now() - 100, exp: now() - 10 })],
  ['exp in milliseconds', () => ({ exp: Date.now() + 900_000 })],
  ['exp 31 days ahead', () => ({ exp: now() + 31 * DAYS })],
  ['exp 31 days after an iat in the past', () => ({ iat: now() - 16 * DAYS, exp: now() + 15 * DAYS })],
  ['exp 31 days ahead and no iat', () => ({ iat: undefined, exp: now() + 31 * DAYS })],
  ['exp huge', () => ({ exp: 1e300 })],
  ['exp the largest integer', () => ({ exp: Number.MAX_SAFE_INTEGER })],
  ['nbf ahead', () => ({ nbf: now() + 60 })],
  ['nbf in text', () => ({ nbf: String(now() - 60) })],
  ['nbf null', () => ({ nbf: null })],
  ['iat ahead', () => ({ iat: now() + 60 })],
  ['iat in text', () => ({ iat: String(now()) })],
  ['iat null', () => ({ iat: null })],
  ['iat so far back that the life is too long', () => ({ iat: -1e300 })],
  ['no sub', () => ({ sub: undefined })],
  ['no sub, but a userId', () => ({ sub: undefined, userId: 'ann' })],
  ['no sub, but an id', () => ({ sub: undefined, id: 'ann', user_id: 'ann', user: { id: 'ann' } })],
  ['an empty sub, but a userId', () => ({ sub: '', userId: 'ann' })],
  ['sub null', () => ({ sub: null })],
  ['a numeric sub', () => ({ sub: 42 })],
  ['sub true', () => ({ sub: true })],
  ['sub in an array', () => ({ sub: ['ann'] })],
  ['sub as an object', () => ({ sub: { id: 'ann' } })],
  ['a sub of 256 characters', () => ({ sub: 'u'.repeat(256) })],
  ['U+0000 in sub', () => ({ sub: 'ann\0' })],
  ['half a character in sub', () => ({ sub: 'ann\ud800' })],
  ['9 KiB', () => ({ image: 'x'.repeat(9 * 1024) })],
];

/** Payloads that are no set of claims. */
const PAYLOADS: readonly (readonly [name: string, payload: string | Uint8Array])[] = [
  ['empty', ''],
  ['an array', '[]'],
  ['an array with the claims in it', `[{"sub":"ann","exp":${now() + 900}}]`],
  ['text', '"ann"'],
  ['a number', '42'],
  ['true', 'true'],
  ['null', 'null'],
  ['an empty object', '{}'],
  ['no JSON', '{"sub":"ann"'],
  ['not JSON alone', `{"sub":"ann","exp":${now() + 900}} x`],
  ['not UTF-8', Buffer.concat([Buffer.from(`{"exp":${now() + 900},"sub":"ann`), Buffer.of(0xff), Buffer.from('"}')])],
  ['without quotes', `{sub:"ann",exp:${now() + 900}}`],
  ['a number that is none', '{"sub":"ann","exp":NaN}'],
  ['a number too large to be one', '{"sub":"ann","exp":1e999}'],
  ['with the claims in its prototype', `{"__proto__":{"sub":"ann","exp":${now() + 900}}}`],
  ['a thousand arrays deep', '['.repeat(1000)],
];

/** Tokens with a valid signature and invalid claims. */
export const ATTACKS_ON_THE_CLAIMS: readonly Attack[] = [
  ...CLAIMS.map(
    ([name, changed]): Attack => [
      name,
      ({ honest, claims }) => jws(honest.header, { ...claims(), ...changed() }, honest.sign),
    ],
  ),
  ...PAYLOADS.map(
    ([name, payload]): Attack => [
      `a payload that is ${name}`,
      ({ honest }) => jws(honest.header, payload, honest.sign),
    ],
  ),
];

/** Tokens of a key set for another issuer or audience: the same keys may sign tokens for other services. */
export const ATTACKS_ON_THE_ADDRESSEE: readonly Attack[] = [
  ['no iss', { iss: undefined }],
  ['another iss', { iss: 'https://elsewhere.example' }],
  ['an iss that only begins like it', { iss: 'http://app.example.com.elsewhere.example' }],
  ['an empty iss', { iss: '' }],
  ['iss null', { iss: null }],
  ['iss in an array', { iss: ['http://app.example.com'] }],
  ['no aud', { aud: undefined }],
  ['another aud', { aud: 'https://elsewhere.example' }],
  ['other auds', { aud: ['https://elsewhere.example', 'better-auth:session-cache'] }],
  ['an empty aud', { aud: '' }],
  ['no aud among none', { aud: [] }],
  ['aud null', { aud: null }],
  ['aud as a number', { aud: 0 }],
  ['aud as an object', { aud: { 0: 'http://app.example.com' } }],
].map(
  ([name, changed]): Attack => [
    name as string,
    ({ honest, claims }) => jws(honest.header, { ...claims(), ...(changed as object) }, honest.sign),
  ],
);
