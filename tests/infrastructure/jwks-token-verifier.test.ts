import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeySetUnavailable, Unauthenticated } from '../../application/application-errors.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import { CachingTokenVerifier } from '../../infrastructure/auth/caching-token-verifier.ts';
import { JwksTokenVerifier } from '../../infrastructure/auth/jwks-token-verifier.ts';
import { type KeySet, PublicKeys } from '../../infrastructure/auth/public-keys.ts';
import {
  DEVELOPMENT_FETCH_TIMES,
  FETCH_TIMES,
  type FetchTimes,
  fetchKeys,
  RemoteKeySet,
} from '../../infrastructure/auth/remote-key-set.ts';
import { ISSUER, type KeyEndpoint, type SigningKey, signingKey, startKeyEndpoint } from '../support/key-endpoint.ts';
import { TickingClock } from '../support/ticking-clock.ts';

const RULES = { issuers: [ISSUER], audiences: [ISSUER], clockTolerance: 5, userIdClaim: 'sub' };
const SECONDS = 1000;
const MINUTES = 60 * SECONDS;
const HOURS = 60 * MINUTES;
const PATIENCE = { timeout: 10 * SECONDS };

const clock = new TickingClock();
const first = await signingKey('first', 'EdDSA', clock);
const second = await signingKey('second', 'EdDSA', clock);

function knowing(...keys: SigningKey[]): TokenVerifier {
  return new JwksTokenVerifier(PublicKeys.from({ keys: keys.map(({ jwk }) => jwk) }), RULES, clock);
}

function caching(keys: KeySet): TokenVerifier {
  return new CachingTokenVerifier(new JwksTokenVerifier(keys, RULES, clock), clock);
}

describe('a token of a key set', () => {
  it.each(['EdDSA', 'Ed25519', 'ES256', 'ES512', 'RS256', 'PS256'])('is accepted when it is signed %s', async (alg) => {
    const key = await signingKey(alg, alg, clock);
    expect((await knowing(first, key).verify(await key.sign())).user).toBe('ann');
  });

  it.each([
    ['EdDSA', 'Ed25519'],
    ['Ed25519', 'EdDSA'],
  ])('is accepted under both names of its algorithm: a key of %s, a token of %s', async (alg, named) => {
    const key = await signingKey('either', alg, clock);
    expect((await knowing(key).verify(await key.sign({}, { alg: named }))).user).toBe('ann');
  });

  it('tells until when it is accepted', async () => {
    const exp = Math.floor(clock.epochMs() / SECONDS) + 60;
    const verified = await knowing(first).verify(await first.sign({ exp }));
    expect(verified).toEqual({ user: 'ann', expiresAtMs: (exp + RULES.clockTolerance) * SECONDS });
  });

  it('is accepted without a kid if only one key fits', async () => {
    const token = await first.sign({}, { kid: undefined });
    expect((await knowing(first).verify(token)).user).toBe('ann');
    await expect(knowing(first, second).verify(token)).rejects.toThrow('unknown key');
  });

  it('is accepted with or without a slash after its issuer and audience, and with further audiences', async () => {
    for (const claims of [{ iss: `${ISSUER}/` }, { aud: `${ISSUER}/` }, { aud: ['others', ISSUER] }]) {
      expect((await knowing(first).verify(await first.sign(claims))).user).toBe('ann');
    }
  });

  it.each([
    [{ iss: undefined }, 'the token comes from another issuer (iss)'],
    [{ iss: 'https://evil.example' }, 'the token comes from another issuer (iss)'],
    [{ iss: `${ISSUER}.evil.example` }, 'the token comes from another issuer (iss)'],
    [{ aud: undefined }, 'the token is meant for another audience (aud)'],
    [{ aud: ['others'] }, 'the token is meant for another audience (aud)'],
    [{ exp: 1 }, 'the token has expired'],
    [{ nbf: 9_999_999_999 }, 'the token is not valid yet (nbf)'],
    [{ iat: 9_999_999_999, exp: 10_000_000_000 }, 'the token was issued in the future (iat)'],
    [{ exp: 9_999_999_999 }, 'the token lives longer than 30 days'],
    [{ sub: undefined, userId: 'ann', id: 'ann' }, 'the token names no user (sub)'],
  ])('is refused with %o', async (claims, reason) => {
    await expect(knowing(first).verify(await first.sign(claims))).rejects.toThrow(new Unauthenticated(reason, true));
  });

  it('is refused when another key signed it, whatever its kid is', async () => {
    const token = await second.sign({}, { kid: 'first' });
    await expect(knowing(first, second).verify(token)).rejects.toThrow(Unauthenticated);
    await expect(knowing(first).verify(await second.sign())).rejects.toThrow('unknown key');
  });

  it('can have its user in another claim', async () => {
    const keys = PublicKeys.from({ keys: [first.jwk] });
    const verifier = new JwksTokenVerifier(keys, { ...RULES, userIdClaim: 'uid' }, clock);
    expect((await verifier.verify(await first.sign({ uid: 'bob' }))).user).toBe('bob');
    await expect(verifier.verify(await first.sign())).rejects.toThrow('the token names no user (uid)');
  });

  it.each([
    ['what is no key', 7, null, 'x', [], {}],
    ['a shared secret', { kty: 'oct', kid: 'first', k: 'c2VjcmV0' }],
    ['a private key', { ...first.jwk, kid: 'private', d: 'c2VjcmV0' }],
    ['a type of key that nobody knows', { kty: 'LATTICE', kid: 'first', alg: 'ML-DSA-44', pub: 'AAAA' }],
    [
      'a curve that nobody knows',
      { kty: 'OKP', crv: 'X25519', kid: 'first', x: first.jwk.x },
      { kty: 'EC', crv: 'P-0' },
    ],
    ['a key that is cut off', { ...first.jwk, x: 'AAAA' }],
    ['a key for encryption', { ...first.jwk, use: 'enc' }, { ...second.jwk, kid: 'first', key_ops: ['deriveBits'] }],
  ])('is accepted although the set has %s, too', async (_, ...entries) => {
    const keys = PublicKeys.from({ keys: [...entries, first.jwk, ...entries], version: 2 });
    expect((await new JwksTokenVerifier(keys, RULES, clock).verify(await first.sign())).user).toBe('ann');
  });

  it.each([{ use: 'enc' }, { key_ops: ['sign'] }, { key_ops: [] }])(
    'is refused if the key is for %j alone',
    (purpose) => {
      expect(() => PublicKeys.from({ keys: [{ ...first.jwk, ...purpose }] })).toThrow('no supported public key');
    },
  );

  it.each([
    [{ ext: 'yes', key_ops: ['sign', 'verify'], x5c: 7, comment: { a: 1 } }],
    [{ key_ops: 'verify', use: null, alg: null, iat: 'never' }],
    [{ use: 'sig', key_ops: ['verify', 'verify'] }],
  ])('is accepted although the key has further or odd members: %j', async (members) => {
    const keys = PublicKeys.from({ keys: [{ ...first.jwk, ...members }] });
    expect((await new JwksTokenVerifier(keys, RULES, clock).verify(await first.sign())).user).toBe('ann');
  });

  it('is accepted if any of the keys with its kid signed it, of which four are tried', async () => {
    const others = await Promise.all([1, 2, 3, 4].map(() => signingKey('first', 'EdDSA', clock)));
    const token = await first.sign();
    expect((await knowing(...others.slice(0, 3), first).verify(token)).user).toBe('ann');
    expect((await knowing(first, first).verify(token)).user).toBe('ann');
    await expect(knowing(...others.slice(0, 3)).verify(token)).rejects.toThrow(Unauthenticated);
    await expect(knowing(...others, first).verify(token)).rejects.toThrow(Unauthenticated);
    await expect(knowing(...others.slice(0, 3), first).verify(await first.sign({ exp: 1 }))).rejects.toThrow('expired');
  });

  it('requires an issuer and an audience', () => {
    const keys = PublicKeys.from({ keys: [first.jwk] });
    for (const missing of [{ issuers: [] }, { audiences: [] }]) {
      expect(() => new JwksTokenVerifier(keys, { ...RULES, ...missing }, clock)).toThrow(RangeError);
    }
  });
});

describe('a token that was verified a moment ago', () => {
  it('is verified again after a minute, with the current keys', async () => {
    const keys = PublicKeys.from({ keys: [first.jwk] });
    const keysFor = vi.spyOn(keys, 'keysFor');
    const verifier = caching(keys);
    const token = await first.sign();
    for (const [milliseconds, verified] of [
      [0, 1],
      [59 * SECONDS, 1],
      [2 * SECONDS, 2],
      [59 * SECONDS, 2],
    ] as const) {
      clock.advance(milliseconds);
      expect((await verifier.verify(token)).user).toBe('ann');
      expect(keysFor).toHaveBeenCalledTimes(verified);
    }
  });

  it('is refused as soon as it has expired', async () => {
    const verifier = caching(PublicKeys.from({ keys: [first.jwk] }));
    const token = await first.sign({ exp: Math.floor(clock.epochMs() / 1000) + 20 });
    expect((await verifier.verify(token)).user).toBe('ann');
    clock.advance(23 * SECONDS);
    expect((await verifier.verify(token)).user).toBe('ann');
    clock.advance(4 * SECONDS);
    await expect(verifier.verify(token)).rejects.toThrow('the token has expired');
  });

  it('is cached only if it was accepted', async () => {
    const verifier = caching(PublicKeys.from({ keys: [first.jwk] }));
    const token = await second.sign({}, { kid: 'first' });
    for (let time = 0; time < 3; time += 1) await expect(verifier.verify(token)).rejects.toThrow(Unauthenticated);
  });
});

describe('the keys that Better Auth publishes', () => {
  let endpoint: KeyEndpoint;
  let began: number;
  let failures: unknown[];
  let verifier: TokenVerifier;
  beforeEach(async () => {
    began = clock.monotonicMs();
    endpoint = await startKeyEndpoint(first);
    const seen: unknown[] = [];
    failures = seen;
    verifier = caching(
      new RemoteKeySet(
        (timeoutMs) => fetchKeys(endpoint.url, timeoutMs),
        (error) => seen.push(error),
        clock,
      ),
    );
  });
  afterEach(() => endpoint.close());
  /** @param milliseconds since the beginning of the test */
  const elapse = (milliseconds: number) => clock.advance(began + milliseconds - clock.monotonicMs());
  const junk = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => second.sign({ sub: `junk-${n}` }, { kid: `junk-${n}` })));
  const outcomes = async (tokens: readonly string[]) =>
    (await Promise.allSettled(tokens.map((token) => verifier.verify(token)))).map((outcome) =>
      outcome.status === 'fulfilled' ? 'believed' : outcome.reason.name,
    );

  it('are fetched once for the first tokens, however many wait', async () => {
    expect(endpoint.asked).toBe(0);
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, n) => first.sign({ sub: `user-${n}` })));
    expect(new Set(await outcomes(tokens))).toEqual(new Set(['believed']));
    expect(endpoint.asked).toBe(1);
  });

  it('are fetched again for an unknown key, and the token is accepted at once', async () => {
    await verifier.verify(await first.sign());
    endpoint.publish(first, second);
    expect(await outcomes([await second.sign(), await second.sign({ sub: 'bob' }), await first.sign()])).toEqual(
      Array(3).fill('believed'),
    );
    expect(endpoint.asked).toBe(2);
  });

  it('are fetched at most once in two seconds for unknown keys, whose tokens are refused', async () => {
    await verifier.verify(await first.sign());
    expect(new Set(await outcomes(await junk(200)))).toEqual(new Set(['Unauthenticated']));
    for (const second of [0.5, 1, 1.9]) {
      elapse(second * SECONDS);
      expect(new Set(await outcomes(await junk(50)))).toEqual(new Set(['Unauthenticated']));
    }
    expect(endpoint.asked).toBe(2);
    elapse(2.1 * SECONDS);
    endpoint.publish(first, second);
    expect(await outcomes([...(await junk(200)), await second.sign()])).toEqual([
      ...Array(200).fill('Unauthenticated'),
      'believed',
    ]);
    expect(endpoint.asked).toBe(3);
  });

  it('are fetched once when the very first token has an unknown key', async () => {
    expect(await outcomes(await junk(20))).toEqual(Array(20).fill('Unauthenticated'));
    expect(endpoint.asked).toBe(1);
  });

  it('are fetched again after ten minutes, while no token waits', async () => {
    await verifier.verify(await first.sign());
    elapse(11 * MINUTES);
    let release = () => {};
    endpoint.answer = (request, response) => {
      endpoint.publish(second);
      release = () => endpoint.answer(request, response);
    };
    expect((await verifier.verify(await first.sign())).user).toBe('ann');
    await vi.waitFor(() => expect(endpoint.asked).toBe(2), PATIENCE);
    release();
    await vi.waitFor(
      async () => expect(await outcomes([await first.sign({ sub: crypto.randomUUID() })])).toEqual(['Unauthenticated']),
      PATIENCE,
    );
    expect((await verifier.verify(await second.sign())).user).toBe('ann');
  });

  const faults: readonly (readonly [name: string, answer: KeyEndpoint['answer'], failure: RegExp])[] = [
    ['is down', (request) => request.socket.destroy(), /fetch failed/],
    ['answers 500', (_, response) => response.writeHead(500).end('{}'), /status 500/],
    ['sends garbage', (_, response) => response.end('<html>secret'), /it is not JSON$/],
    ['sends another object', (_, response) => response.end('{"jwks": []}'), /not a JSON Web Key Set/],
    [
      'sends keys that are none',
      (_, response) => response.end('{"keys": [7, null, [], "x"]}'),
      /no supported public key/,
    ],
    ['sends keys in no list', (_, response) => response.end('{"keys": {"kty": "OKP"}}'), /not a JSON Web Key Set/],
    ['sends no keys', (_, response) => response.end('{"keys": []}'), /no supported public key/],
    [
      'sends a secret',
      (_, response) => response.end('{"keys": [{"kty":"oct","k":"c2VjcmV0"}]}'),
      /no supported public key/,
    ],
    ['breaks off', (_, response) => void response.write('{"keys": [', () => response.destroy()), /terminated/],
    [
      'redirects',
      (request, response) =>
        request.url === '/elsewhere'
          ? response.end(JSON.stringify({ keys: [second.jwk] }))
          : response.writeHead(302, { location: '/elsewhere' }).end(),
      /fetch failed/,
    ],
    [
      'has a thousand keys',
      (_, response) => response.end(JSON.stringify({ keys: Array.from({ length: 1000 }, () => second.jwk) })),
      /larger than 64 KiB/,
    ],
    [
      'never ends',
      (_, response) => {
        const more = (): void => void response.write(' '.repeat(16 * 1024), (error) => error ?? setImmediate(more));
        more();
      },
      /larger than 64 KiB/,
    ],
  ];

  it.each(faults)(
    'stay in use for a day while the endpoint %s, and no verdict is given on tokens of unknown keys',
    async (_, answer, failure) => {
      await verifier.verify(await first.sign());
      endpoint.answer = answer;
      expect(await outcomes(await junk(50))).toEqual(Array(50).fill('KeySetUnavailable'));
      expect(endpoint.asked).toBe(2);
      expect(failures).toHaveLength(1);
      expect(String(failures[0])).toMatch(failure);

      for (const [index, age] of [11 * MINUTES, 12 * HOURS, 24 * HOURS - MINUTES].entries()) {
        elapse(age);
        expect(await outcomes([await first.sign()])).toEqual(['believed']);
        // The clock must not jump while the fetch in the background runs.
        await vi.waitFor(() => expect(failures).toHaveLength(2 + index), PATIENCE);
      }
      elapse(24 * HOURS + 1 * MINUTES);
      expect(await outcomes([await first.sign()])).toEqual(['KeySetUnavailable']);
      endpoint.publish(first);
      elapse(24 * HOURS + 2 * MINUTES);
      expect(await outcomes([await first.sign()])).toEqual(['believed']);
    },
  );

  it.each(faults)('are requested once in ten seconds while the endpoint %s from the start', async (_, answer) => {
    endpoint.answer = answer;
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, n) => first.sign({ sub: `user-${n}` })));
    for (const second of [0, 1, 9]) {
      elapse(second * SECONDS);
      expect(new Set(await outcomes(tokens))).toEqual(new Set(['KeySetUnavailable']));
      expect(endpoint.asked).toBe(1);
    }
    endpoint.publish(first);
    elapse(11 * SECONDS);
    expect(new Set(await outcomes(tokens))).toEqual(new Set(['believed']));
    expect(endpoint.asked).toBe(2);
  });

  it('are read whatever the content type is, and after a byte order mark', async () => {
    endpoint.answer = (_, response) => {
      response.setHeader('content-type', 'text/html; charset=latin1');
      response.end(`\ufeff \n${JSON.stringify({ keys: [first.jwk] })}\n`);
    };
    expect((await verifier.verify(await first.sign())).user).toBe('ann');
    expect(PublicKeys.parse(`\ufeff${JSON.stringify({ keys: [first.jwk] })}`).keys).toHaveLength(1);
  });

  describe('by a slow server', () => {
    let release: () => void;
    const slow = (times: Partial<FetchTimes>) => {
      const fail = (error: unknown) => failures.push(error);
      const keys = new RemoteKeySet((timeoutMs) => fetchKeys(endpoint.url, timeoutMs), fail, clock, {
        ...FETCH_TIMES,
        timeoutMs: 60 * SECONDS,
        ...times,
      });
      verifier = caching(keys);
    };
    beforeEach(() => {
      endpoint.answer = (request, response) => {
        release = () => {
          endpoint.publish(first);
          endpoint.answer(request, response);
        };
      };
    });

    it('are in use as soon as they arrive, although no token waits for them any more', async () => {
      slow({ firstPatienceMs: 20, patienceMs: 20 });
      expect(await outcomes([await first.sign(), await first.sign({ sub: 'bob' })])).toEqual(
        Array(2).fill('KeySetUnavailable'),
      );
      elapse(9 * SECONDS);
      expect(await outcomes([await first.sign()])).toEqual(['KeySetUnavailable']);
      await vi.waitFor(() => expect(endpoint.asked).toBe(1), PATIENCE);
      release();
      await vi.waitFor(async () => expect(await outcomes([await first.sign()])).toEqual(['believed']), PATIENCE);
      expect(endpoint.asked).toBe(1);
      expect(failures).toEqual([]);
    });

    it('are waited for with more patience while there are none yet', async () => {
      slow({ firstPatienceMs: 60 * SECONDS, patienceMs: 0 });
      const waiting = outcomes([await first.sign()]);
      await vi.waitFor(() => expect(endpoint.asked).toBe(1), PATIENCE);
      await pause(50);
      release();
      expect(await waiting).toEqual(['believed']);
    });

    it('are fetched again at once when a long fetch has been given up', async () => {
      slow({ firstPatienceMs: 20, patienceMs: 20, timeoutMs: 1 * SECONDS });
      expect(await outcomes([await first.sign()])).toEqual(['KeySetUnavailable']);
      await vi.waitFor(() => expect(failures).toHaveLength(1), PATIENCE);
      elapse(20 * SECONDS);
      endpoint.publish(first);
      await vi.waitFor(async () => expect(await outcomes([await first.sign()])).toEqual(['believed']), PATIENCE);
      expect(endpoint.asked).toBe(2);
    });
  });

  it('get up to 30 s from a development server', () => {
    expect(DEVELOPMENT_FETCH_TIMES.firstPatienceMs).toBeGreaterThan(10 * SECONDS);
    expect(DEVELOPMENT_FETCH_TIMES.timeoutMs).toBeGreaterThan(10 * SECONDS);
  });

  it('are waited for for five seconds, with the time to retry', async () => {
    endpoint.answer = (_, response) => void response.write('{"keys":');
    const start = process.hrtime.bigint();
    const told = await verifier.verify(await first.sign()).catch((error: unknown) => error);
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeGreaterThan(4 * SECONDS);
    expect(told).toBeInstanceOf(KeySetUnavailable);
    expect(told).toMatchObject({ retryAfter: 10 });
    elapse(7 * SECONDS);
    expect(await verifier.verify(await first.sign()).catch((error: unknown) => error)).toMatchObject({ retryAfter: 3 });
    expect(endpoint.asked).toBe(1);
  });

  it('do not delay tokens whose key is known', async () => {
    await verifier.verify(await first.sign());
    let giveUp = () => {};
    endpoint.answer = (request) => {
      giveUp = () => request.socket.destroy();
    };
    const waiting = verifier.verify(await second.sign()).catch((error: unknown) => error);
    await vi.waitFor(() => expect(endpoint.asked).toBe(2), PATIENCE);
    const known = verifier.verify(await first.sign({ sub: 'bob' }));
    expect(await Promise.race([known, pause(4000)])).toMatchObject({ user: 'bob' });
    giveUp();
    expect(await waiting).toBeInstanceOf(KeySetUnavailable);
  });
});
