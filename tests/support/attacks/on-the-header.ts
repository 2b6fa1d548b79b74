/** Header lines with a valid token that the server must refuse. */
export const ATTACKS_ON_THE_HEADER: readonly (readonly [
  name: string,
  headers: (token: string) => readonly string[],
])[] = [
  ['Bearer twice', (token) => ['Authorization', `Bearer Bearer ${token}`]],
  ['the header twice', (token) => ['Authorization', `Bearer ${token}`, 'Authorization', `Bearer ${token}`]],
  [
    'the header twice, the first without a token',
    (token) => ['Authorization', 'Bearer', 'Authorization', `Bearer ${token}`],
  ],
  ['the header twice, the first empty', (token) => ['Authorization', '', 'Authorization', `Bearer ${token}`]],
  [
    'the header twice, the last of another',
    (token) => ['Authorization', `Bearer ${token}`, 'Authorization', 'Bearer x.y.z'],
  ],
  [
    'the header twice, the first of another',
    (token) => ['Authorization', 'Bearer x.y.z', 'Authorization', `Bearer ${token}`],
  ],
  [
    'the header twice in two letter cases',
    (token) => ['authorization', `Bearer ${token}`, 'AUTHORIZATION', `Bearer ${token}`],
  ],
  [
    'the header twice, once of another scheme',
    (token) => ['Authorization', 'Basic dTpw', 'Authorization', `Bearer ${token}`],
  ],
  ['the header three times', (token) => Array.from({ length: 3 }, () => ['Authorization', `Bearer ${token}`]).flat()],
  ['two tokens', (token) => ['Authorization', `Bearer ${token}, Bearer ${token}`]],
  ['two tokens and one scheme', (token) => ['Authorization', `Bearer ${token} ${token}`]],
  ['no space', (token) => ['Authorization', `Bearer${token}`]],
  ['a tab for the space', (token) => ['Authorization', `Bearer\t${token}`]],
  ['a colon', (token) => ['Authorization', `Bearer: ${token}`]],
  ['an equals sign', (token) => ['Authorization', `Bearer=${token}`]],
  ['a parameter', (token) => ['Authorization', `Bearer token=${token}`]],
  ['no scheme', (token) => ['Authorization', token]],
  ['another scheme', (token) => ['Authorization', `Token ${token}`]],
  ['Basic, with the token for a password', (token) => ['Authorization', `Basic ${btoa(`ann:${token}`)}`]],
  ['a scheme that ends like it', (token) => ['Authorization', `NotBearer ${token}`]],
  ['a scheme that begins like it', (token) => ['Authorization', `Bearers ${token}`]],
  ['another header', (token) => ['X-Authorization', `Bearer ${token}`]],
  ['the header for proxies', (token) => ['Proxy-Authorization', `Bearer ${token}`]],
  ['the header of another server', (token) => ['X-Forwarded-Authorization', `Bearer ${token}`]],
  [
    'a cookie',
    (token) => ['Cookie', `better-auth.session_token=${token}; token=${token}; Authorization=Bearer ${token}`],
  ],
];
