import { jws, signingInput } from '../signer.ts';
import { ATTACKERS, type Attack, type Means } from './attack.ts';

/** The three parts of a valid token. */
function parts({ honest, claims }: Means): [header: string, payload: string, signature: string] {
  return jws(honest.header, claims(), honest.sign).split('.') as [string, string, string];
}

/** Changes to the form of a valid token after it is signed. */
const CHANGED: readonly (readonly [name: string, change: (h: string, p: string, s: string) => string])[] = [
  ['one part', (h) => h],
  ['two parts', (h, p) => `${h}.${p}`],
  ['four parts', (h, p, s) => `${h}.${p}.${s}.`],
  ['four parts with something in each', (h, p, s) => `${h}.${p}.${s}.${s}`],
  ['five parts', (h, p, s) => `${h}.${p}.${s}.${s}.${s}`],
  ['a dot before', (h, p, s) => `.${h}.${p}.${s}`],
  ['two dots', (h, p, s) => `${h}..${p}.${s}`],
  ['no header', (_, p, s) => `.${p}.${s}`],
  ['no payload', (h, _, s) => `${h}..${s}`],
  ['nothing but dots', () => '..'],
  ['no dots', (h, p, s) => `${h}${p}${s}`],
  ['its parts in another order', (h, p, s) => `${p}.${h}.${s}`],
  ['space within', (h, p, s) => `${h}.${p}. ${s}`],
  ['a tab within', (h, p, s) => `${h}\t.${p}.${s}`],
  ['padding', (h, p, s) => `${h}.${p}.${s}=`],
  ['padding to each part', (h, p, s) => `${h}==.${p}==.${s}==`],
  ['other characters in its signature', (h, p, s) => `${h}.${p}.${s.slice(0, 8)}!${s.slice(8)}`],
  ['characters beyond ASCII in its signature', (h, p, s) => `${h}.${p}.${s.slice(0, 8)}é${s.slice(8)}`],
  ['its dots escaped', (h, p, s) => `${h}%2E${p}%2E${s}`],
  ['quotes around it', (h, p, s) => `"${h}.${p}.${s}"`],
  ['angle brackets around it', (h, p, s) => `<${h}.${p}.${s}>`],
  ['a comma behind it', (h, p, s) => `${h}.${p}.${s},`],
  ['a semicolon and more behind it', (h, p, s) => `${h}.${p}.${s};x=y`],
  ['"Bearer" before it', (h, p, s) => `Bearer ${h}.${p}.${s}`],
  ['"bearer:" before it', (h, p, s) => `bearer:${h}.${p}.${s}`],
  ['itself once more', (h, p, s) => `${h}.${p}.${s} ${h}.${p}.${s}`],
  ['itself once more behind a comma', (h, p, s) => `${h}.${p}.${s},${h}.${p}.${s}`],
  ['the form of JSON', (h, p, s) => JSON.stringify({ payload: p, protected: h, signature: s })],
  ['the form of JSON without a comma', (h) => `{"signatures":[{"protected":"${h}"}]}`],
  ['nothing in it but its length', () => 'x'.repeat(9 * 1024)],
  ['nothing in it but dots and its length', () => '.'.repeat(9 * 1024)],
];

/** Signed parts that are no base64url. */
const RESPELT: readonly (readonly [name: string, respell: (part: string) => string])[] = [
  ['padding', (part) => `${part}${'='.repeat((4 - (part.length % 4)) % 4 || 2)}`],
  ['a line break, escaped', (part) => `${part.slice(0, 8)}%0A${part.slice(8)}`],
  ['a character that is skipped', (part) => `${part.slice(0, 8)}~${part.slice(8)}`],
  ['the other alphabet', (part) => part.replaceAll('-', '+').replaceAll('_', '/')],
  ['a last character too many', (part) => `${part}${'A'.repeat((5 - (part.length % 4)) % 4 || 4)}`],
];

const respelt: Attack[] = RESPELT.flatMap(([name, respell]): Attack[] => [
  [
    `a header with ${name}`,
    ({ honest, claims }) => {
      const [header = '', payload] = signingInput({ ...honest.header, x: '~~~???>>>' }, claims()).split('.');
      return signed(`${respell(header)}.${payload}`, honest.sign);
    },
  ],
  [
    `a payload with ${name}`,
    ({ honest, claims }) => {
      const [header, payload = ''] = signingInput(honest.header, { ...claims(), x: '~~~???>>>' }).split('.');
      return signed(`${header}.${respell(payload)}`, honest.sign);
    },
  ],
  [
    `a signature with ${name}`,
    (means) => {
      let [header, payload, signature] = parts(means);
      for (let tries = 0; !/[-_]/.test(signature) && tries < 50; tries += 1) {
        [header, payload, signature] = parts({ ...means, claims: () => ({ ...means.claims(), tries }) });
      }
      return `${header}.${payload}.${respell(signature)}`;
    },
  ],
]);

/** Headers that change what a token is. */
const HEADERS: readonly (readonly [name: string, header: object])[] = [
  ['crit that names a claim', { crit: ['exp'] }],
  ['crit that names what is not there', { crit: ['x-unknown'] }],
  ['crit that names an extension', { crit: ['x-unknown'], 'x-unknown': true }],
  ['an empty crit', { crit: [] }],
  ['crit in text', { crit: 'exp' }],
  ['crit null', { crit: null }],
  ['b64 false', { b64: false }],
  ['b64 false and crit', { b64: false, crit: ['b64'] }],
  ['b64 true and crit', { b64: true, crit: ['b64'] }],
];

const headers: Attack[] = [
  ...HEADERS.map(
    ([name, header]): Attack => [
      name,
      ({ honest, claims }) => jws({ ...honest.header, ...header }, claims(), honest.sign),
    ],
  ),
  [
    'b64 false, with a payload in the clear',
    ({ honest, claims }) => {
      const header = Buffer.from(JSON.stringify({ ...honest.header, b64: false, crit: ['b64'] })).toString('base64url');
      return signed(`${header}.${JSON.stringify(claims()).replaceAll(',', ' ').replaceAll('.', '')}`, honest.sign);
    },
  ],
  ...['[]', '"HS256"', 'null', '42', 'true', '', '{', '{"alg":"HS256"', '{"alg":"HS256"} x'].map(
    (header): Attack => [
      `a header that is ${header || 'empty'}`,
      ({ honest, claims }) => jws(header, claims(), honest.sign),
    ],
  ),
  ['a header in an array', ({ honest, claims }) => jws([honest.header], claims(), honest.sign)],
  [
    'a header that is not UTF-8',
    ({ honest, claims }) => {
      const bytes = Buffer.from(JSON.stringify({ ...honest.header, x: '?' }));
      bytes[bytes.lastIndexOf('?')] = 0xff;
      return jws(bytes, claims(), honest.sign);
    },
  ],
  [
    'a header that says its alg twice, last another one',
    ({ honest, claims }) => jws(JSON.stringify(honest.header).replace(/}$/, ',"alg":"none"}'), claims(), honest.sign),
  ],
  [
    'a header with its parameters in its prototype',
    ({ honest, claims }) => jws(`{"__proto__":${JSON.stringify(honest.header)}}`, claims(), honest.sign),
  ],
];

const OPAQUE = [
  'undefined',
  'null',
  '[object Object]',
  'true',
  '0',
  'eyJ',
  'k3JdP0sXq9Lm2Tn5Vw8Yz1Bc4Df7Gh0J',
  '../..',
];

const others: Attack[] = [
  ...OPAQUE.map((text): Attack => [`"${text}"`, () => text]),
  [
    'a JWT within a JWT',
    ({ honest, claims }) => {
      return jws({ ...honest.header, cty: 'JWT' }, jws(honest.header, claims(), honest.sign), honest.sign);
    },
  ],
  [
    "a JWT within an attacker's JWT",
    ({ honest, claims }) => {
      const [own] = ATTACKERS;
      return jws({ ...own.header, cty: 'JWT' }, jws(honest.header, claims(), honest.sign), own.sign);
    },
  ],
  ...['dir', 'RSA-OAEP-256', 'ECDH-ES'].map(
    (alg): Attack => [
      `a JWE (${alg})`,
      ({ honest, claims }) => {
        const [header, text] = signingInput({ ...honest.header, alg, enc: 'A256GCM' }, claims()).split('.');
        return [header, alg === 'dir' ? '' : 'AAAA', 'AAAAAAAAAAAAAAAA', text, 'AAAAAAAAAAAAAAAAAAAAAA'].join('.');
      },
    ],
  ),
];

/** Tokens that are no JWS in compact form. */
export const ATTACKS_ON_THE_FORM: readonly Attack[] = [
  ...CHANGED.map(([name, change]): Attack => [`a token with ${name}`, (means) => change(...parts(means))]),
  ...respelt,
  ...headers,
  ...others,
];

function signed(input: string, sign: Means['honest']['sign']): string {
  return `${input}.${sign(input).toString('base64url')}`;
}
