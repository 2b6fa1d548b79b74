import type { CryptoKey, JWSHeaderParameters } from 'jose';
import { KeySetUnavailable } from '../../application/errors.ts';
import { fetchedKeys } from './fetched-keys.ts';
import { type KeySet, unknownKey } from './key-set.ts';
import type { PublicKeys } from './public-keys.ts';

const SECONDS = 1000;
const MINUTES = 60 * SECONDS;
const HOURS = 60 * MINUTES;

/** After that the keys are fetched anew, while the old ones go on serving. */
const FRESH = 10 * MINUTES;
/** For so long the last keys serve while new ones cannot be had. */
const USABLE = 24 * HOURS;
/** The pause after a fetch that failed. */
const COOL_DOWN = 10 * SECONDS;
/** The pause between fetches for unknown keys: junk cannot make more of them, nor keep a new key away for longer. */
const SEEK_PAUSE = 2 * SECONDS;
/** How long the endpoint has for its whole answer. */
const TIMEOUT = 5 * SECONDS;

/**
 * The keys that Better Auth publishes. It makes a new one when the first token is signed with it, so that tokens come
 * with a key that nobody can know yet: an unknown key is a reason to look again, though not one for each token.
 *
 * There is one fetch at a time, whoever waits for it. While there is none to be had, the last keys go on serving.
 */
export class RemoteKeySet implements KeySet {
  private keys: PublicKeys | undefined;
  /** When the keys came, when a fetch last failed, and when one last began for an unknown key, in milliseconds. */
  private fetchedAt = Number.NEGATIVE_INFINITY;
  private failedAt = Number.NEGATIVE_INFINITY;
  private soughtAt = Number.NEGATIVE_INFINITY;
  /** Whether the last fetch failed, so that nothing can be said of a key that we do not have. */
  private failing = false;
  private fetching: Promise<void> | undefined;

  constructor(
    private readonly url: string,
    /** Told of each fetch that fails. */
    private readonly onFailure: (error: unknown) => void = () => {},
  ) {}

  async keyFor(header: JWSHeaderParameters): Promise<CryptoKey> {
    const age = performance.now() - this.fetchedAt;
    if (age > USABLE) this.keys = undefined;
    const before = this.keys;
    if (before === undefined) await this.fetch();
    else if (age > FRESH) void this.fetch();

    const known = await this.keys?.find(header);
    if (known !== undefined) return known;
    if (this.keys === before) await this.seek();
    const found = await this.keys?.find(header);
    if (found !== undefined) return found;
    throw this.failing ? this.unavailable() : unknownKey();
  }

  /** Looks again for a key that is not among those that we have; waits for a fetch that is under way. */
  private async seek(): Promise<void> {
    if (this.fetching === undefined) {
      if (performance.now() - this.soughtAt < SEEK_PAUSE) return;
      this.soughtAt = performance.now();
    }
    await this.fetch();
  }

  /** Fetches the keys, unless that has just failed. Never rejects: what could not be had is seen by what is there. */
  private fetch(): Promise<void> {
    if (performance.now() - this.failedAt < COOL_DOWN) return Promise.resolve();
    this.fetching ??= this.attempt().finally(() => {
      this.fetching = undefined;
    });
    return this.fetching;
  }

  private async attempt(): Promise<void> {
    try {
      this.keys = await fetchedKeys(this.url, TIMEOUT);
      this.fetchedAt = performance.now();
      this.failing = false;
    } catch (error) {
      this.failedAt = performance.now();
      this.failing = true;
      this.onFailure(error);
    }
  }

  private unavailable(): KeySetUnavailable {
    const retryAfter = Math.max(1, Math.ceil((this.failedAt + COOL_DOWN - performance.now()) / SECONDS));
    return new KeySetUnavailable('The keys that verify tokens are out of reach at the moment, try again', retryAfter);
  }
}
