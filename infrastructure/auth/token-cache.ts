import { LRUCache } from 'lru-cache';
import type { UserId } from '../../domain/user-id.ts';
import type { VerifiedToken } from './token-rules.ts';

/** For so long a token is believed without a second look, in seconds. */
const LIFETIME = 60;
/** How many tokens are kept, and how many characters they may have together. */
const TOKENS_MAX = 10_000;
const CHARACTERS_MAX = 4 * 1024 * 1024;

/** Tokens that were verified a moment ago, with what they proved: a signature takes longer to verify than a task to read. */
export class TokenCache {
  private readonly tokens = new LRUCache<string, { readonly user: UserId; readonly until: number }>({
    max: TOKENS_MAX,
    maxSize: CHARACTERS_MAX,
    sizeCalculation: (_, token) => token.length,
  });

  /** @param clockTolerance seconds for which a token holds beyond its `exp` */
  constructor(private readonly clockTolerance: number) {}

  /** Whose token it is; `undefined` where it has to be verified, for the first time or again. */
  user(token: string): UserId | undefined {
    const known = this.tokens.get(token);
    return known !== undefined && Date.now() / 1000 < known.until ? known.user : undefined;
  }

  keep(token: string, { user, expiresAt }: VerifiedToken): void {
    const until = Math.min(expiresAt + this.clockTolerance, Date.now() / 1000 + LIFETIME);
    this.tokens.set(token, { user, until });
  }
}
