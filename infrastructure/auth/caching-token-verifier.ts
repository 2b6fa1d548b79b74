import { LRUCache } from 'lru-cache';
import type { Clock } from '../../application/ports/clock.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import type { UserId } from '../../domain/user-id.ts';
import { decodeToken, type JwtVerifier } from './decoded-token.ts';

/** Cache lifetime of a verified token. */
const LIFETIME_MS = 60_000;
/** The most tokens in the cache, and the most characters in all of them. */
const TOKENS_MAX = 10_000;
const CHARACTERS_MAX = 4 * 1024 * 1024;

/** Caches verified tokens for at most a minute: verifying a signature takes longer than reading a task. */
export class CachingTokenVerifier implements TokenVerifier {
  private readonly verified = new LRUCache<string, { readonly user: UserId; readonly untilMs: number }>({
    max: TOKENS_MAX,
    maxSize: CHARACTERS_MAX,
    sizeCalculation: (_, token) => token.length,
  });

  /** @param clockTolerance seconds for which a token is valid after its `exp` */
  constructor(
    private readonly verifier: JwtVerifier,
    private readonly clockTolerance: number,
    private readonly clock: Clock,
  ) {}

  async verify(token: string): Promise<UserId> {
    const cached = this.verified.get(token);
    if (cached !== undefined && this.clock.epochMs() < cached.untilMs) return cached.user;
    const decoded = decodeToken(token);
    const user = await this.verifier.verify(decoded);
    const expiresAtMs = (Number(decoded.claims.exp) + this.clockTolerance) * 1000;
    this.verified.set(token, { user, untilMs: Math.min(expiresAtMs, this.clock.epochMs() + LIFETIME_MS) });
    return user;
  }
}
