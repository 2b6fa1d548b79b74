import { describe, expect, it } from 'vitest';
import { Unauthenticated } from '../../application/application-errors.ts';
import { decodeToken } from '../../infrastructure/auth/decoded-token.ts';

const part = (json: string | Uint8Array) => Buffer.from(json).toString('base64url');
const tokenOf = (header: string, claims: string | Uint8Array) => `${part(header)}.${part(claims)}.c2ln`;

describe('a decoded token', () => {
  it('has its text, its algorithm and its claims', () => {
    const text = tokenOf('{"alg":"HS256","kid":"x"}', '{"sub":"ann","exp":1}');
    expect(decodeToken(text)).toEqual({ text, algorithm: 'HS256', claims: { sub: 'ann', exp: 1 } });
  });

  it('is not decoded again', () => {
    const decoded = decodeToken(tokenOf('{"alg":"HS256"}', '{}'));
    expect(decodeToken(decoded)).toBe(decoded);
  });

  it('has the last value of a repeated name (RFC 7519, section 4)', () => {
    const { algorithm, claims } = decodeToken(
      tokenOf('{"alg":"none","alg":"HS256"}', '{"sub":"ann","s\\u0075b":"bob"}'),
    );
    expect([algorithm, claims]).toEqual(['HS256', { sub: 'bob' }]);
  });

  it.each([
    ['text', 'ann', 'the token is not a JWT'],
    ['a token of two parts', `${part('{"alg":"HS256"}')}.${part('{}')}`, 'the token is not a JWT'],
    ['a token without alg', tokenOf('{}', '{}'), 'the token is not a JWT'],
    ['claims in an array', tokenOf('{"alg":"HS256"}', '[]'), 'the token is not a JWT'],
    ['claims that are not JSON', tokenOf('{"alg":"HS256"}', '{"sub":'), 'the token is not a JWT'],
    [
      'claims that are not UTF-8',
      tokenOf('{"alg":"HS256"}', Buffer.from('{"sub":"ann\xff"}', 'latin1')),
      'the token is not a JWT',
    ],
    ['a critical extension', tokenOf('{"alg":"HS256","crit":["exp"]}', '{}'), 'the token demands an extension'],
    ['an unencoded payload', tokenOf('{"alg":"HS256","b64":false}', '{}'), 'the token demands an extension'],
    ['more than 8 KiB', 'x'.repeat(8 * 1024 + 1), 'the token is too long'],
  ])('cannot be decoded from %s', (_, text, reason) => {
    expect(() => decodeToken(text)).toThrow(new Unauthenticated(reason));
  });
});
