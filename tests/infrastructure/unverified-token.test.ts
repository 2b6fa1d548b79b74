import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { algorithmOf } from '../../infrastructure/auth/decoded-token.ts';

const part = (json: string) => Buffer.from(json).toString('base64url');
const tokenOf = (payload: string) => `${part('{"alg":"HS256"}')}.${part(payload)}.c2ln`;

const name = fc.oneof(fc.constantFrom('sub', 'exp', '__proto__', '', '":', 'a" :{"sub'), fc.string({ maxLength: 3 }));
const space = fc.constantFrom('', ' ', '\n\t');
const member = fc.tuple(name, space, space, fc.jsonValue({ maxDepth: 3 })).map(([name, before, after, value]) => ({
  name,
  text: `${before}${JSON.stringify(name)}${after}:${before}${JSON.stringify(value)}`,
}));

describe('what a token says', () => {
  it('may have no name twice at its top, and any name as often as it likes below', () => {
    fc.assert(
      fc.property(fc.array(member, { maxLength: 5 }), (members) => {
        const token = tokenOf(`{${members.map(({ text }) => text).join(',')}}`);
        if (new Set(members.map(({ name }) => name)).size === members.length) expect(algorithmOf(token)).toBe('HS256');
        else expect(() => algorithmOf(token)).toThrow('the token says something twice');
      }),
      { numRuns: 2_000 },
    );
  });

  it('may repeat below what stands at the top, but not beside it', () => {
    expect(algorithmOf(tokenOf('{"sub":"ann","of":{"sub":"bob","exp":1}}'))).toBe('HS256');
    expect(() => algorithmOf(tokenOf('{"sub":"ann","of":{"exp":1},"sub" :"bob"}'))).toThrow('says something twice');
  });
});
