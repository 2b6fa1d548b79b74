import { LRUCache } from 'lru-cache';
import type { Clock } from '../../application/ports/clock.ts';
import type { TokenVerifier, VerifiedToken } from '../../application/ports/token-verifier.ts';
import { decodeToken, type JwtVerifier } from './decoded-token.ts';

/** Cache lifetime of a verified token. */
const LIFETIME_MS = 60_000;
/** The most tokens in the cache, and the most characters in all of them. */
const TOKENS_MAX = 10_000;
const CHARACTERS_MAX = 4 * 1024 * 1024;

/** Caches verified tokens for at most a minute: verifying a signature takes longer than reading a task. */
export class CachingTokenVerifier implements TokenVerifier {
  private readonly verified = new LRUCache<string, { readonly token: VerifiedToken; readonly untilMs: number }>({
    max: TOKENS_MAX,
    maxSize: CHARACTERS_MAX,
    sizeCalculation: (_, token) => token.length,
  });

  constructor(
    private readonly verifier: JwtVerifier,
    private readonly clock: Clock,
  ) {}

  async verify(token: string): Promise<VerifiedToken> {
    const cached = this.verified.get(token);
    if (cached !== undefined && this.clock.epochMs() < cached.untilMs) return cached.token;
    const verified = await this.verifier.verify(decodeToken(token));
    const untilMs = Math.min(verified.expiresAtMs, this.clock.epochMs() + LIFETIME_MS);
    this.verified.set(token, { token: verified, untilMs });
    return verified;
  }
}
