import { beforeEach, describe, expect, it } from 'vitest';
import { KeySetUnavailable, RateLimited, Unauthenticated } from '../../application/application-errors.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import { RequestGuard } from '../../application/request-guard.ts';
import { UserId } from '../../domain/user-id.ts';
import { InMemoryRateLimits } from '../../infrastructure/rate-limits/in-memory-rate-limits.ts';
import { TickingClock } from '../support/ticking-clock.ts';

const RATE = { limit: 2, window: 60 };
const EXPIRES_AT_MS = 1_000_000;
const INVALID = new Unauthenticated('the token has expired');
const MISSING = new Unauthenticated('Sign in first', false);
const UNAVAILABLE = new KeySetUnavailable('The keys are out of reach', 5);

/** Knows the tokens `ann` and `bob`; for `keyless` it has no key. */
const tokens: TokenVerifier = {
  async verify(token) {
    if (token === 'keyless') throw UNAVAILABLE;
    if (token !== 'ann' && token !== 'bob') throw INVALID;
    return { user: UserId(token), expiresAtMs: EXPIRES_AT_MS };
  },
};

describe('a request guard', () => {
  let clock: TickingClock;
  let guard: RequestGuard;
  beforeEach(() => {
    clock = new TickingClock();
    const store = new InMemoryRateLimits(clock);
    const limits = {
      user: store.limiter('user', RATE),
      failedAuthentication: store.limiter('failed', RATE),
      signInNetwork: store.limiter('network', RATE),
      signInEmail: store.limiter('email', RATE),
    };
    guard = new RequestGuard(tokens, limits, (address) => address.slice(0, 3));
  });
  const admit = (token: string | Unauthenticated, address = '1.1.1.1') => guard.admit(token, address);
  const thrownBy = (token: string | Unauthenticated, address?: string): Promise<unknown> =>
    admit(token, address).then(
      () => 'admitted',
      (error: unknown) => error,
    );

  it('returns the user, the end of the token and what is left of the limit', async () => {
    expect(await admit('ann')).toEqual({
      user: 'ann',
      expiresAtMs: EXPIRES_AT_MS,
      usage: { rate: RATE, quota: { allowed: true, remaining: 1, resetAfter: 60 } },
    });
  });

  it('refuses a user above the limit, until the window ends', async () => {
    for (let request = 0; request < 2; request += 1) await admit('ann');
    clock.advance(20_000);
    const quota = { allowed: false, remaining: 0, resetAfter: 40 };
    const refusal = await thrownBy('ann');
    expect(refusal).toBeInstanceOf(RateLimited);
    expect(refusal).toMatchObject({ limit: 'user', rate: RATE, quota, user: 'ann' });
    expect((await admit('bob')).usage?.quota.remaining).toBe(1);
    clock.advance(40_000);
    expect((await admit('ann')).usage?.quota.remaining).toBe(1);
  });

  it('passes on why a token is missing or invalid', async () => {
    expect(await thrownBy('nonsense')).toBe(INVALID);
    expect(await thrownBy(MISSING)).toBe(MISSING);
  });

  it('counts failures by network, and refuses a network above the limit', async () => {
    expect(await thrownBy('nonsense', '1.1.1.1')).toBe(INVALID);
    expect(await thrownBy(MISSING, '1.1.2.2')).toBe(MISSING);
    const refusal = await thrownBy('nonsense', '1.1.3.3');
    expect(refusal).toBeInstanceOf(RateLimited);
    expect(refusal).toMatchObject({ limit: 'failedAuthentication', rate: RATE, user: undefined });
    expect(await thrownBy('nonsense', '2.2.2.2')).toBe(INVALID);
  });

  it('admits a valid token from a network above the limit', async () => {
    for (let request = 0; request < 5; request += 1) await thrownBy('nonsense');
    expect((await admit('ann')).user).toBe('ann');
  });

  it('does not count a valid token as a failure, nor a failure as a request of a user', async () => {
    for (let request = 0; request < 2; request += 1) await admit('ann');
    for (let request = 0; request < 2; request += 1) expect(await thrownBy('nonsense')).toBe(INVALID);
    expect((await admit('bob')).usage?.quota.remaining).toBe(1);
  });

  it('does not count a request when the key set is unavailable', async () => {
    for (let request = 0; request < 5; request += 1) expect(await thrownBy('keyless')).toBe(UNAVAILABLE);
    expect(await thrownBy('nonsense')).toBe(INVALID);
  });

  it('counts nothing without limits', async () => {
    guard = new RequestGuard(tokens, undefined, () => expect.fail('asked for a network'));
    for (let request = 0; request < 5; request += 1) {
      expect(await admit('ann')).toEqual({ user: 'ann', expiresAtMs: EXPIRES_AT_MS, usage: undefined });
      expect(await thrownBy('nonsense')).toBe(INVALID);
    }
  });
});
