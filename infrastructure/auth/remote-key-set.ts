import type { CryptoKey, JWSHeaderParameters } from 'jose';
import { KeySetUnavailable } from '../../application/application-errors.ts';
import type { Clock } from '../../application/ports/clock.ts';
import { type KeySet, PublicKeys, unknownKey } from './public-keys.ts';

/** The age at which keys are refreshed in the background. */
const FRESH_MS = 10 * 60_000;
/** The age at which keys are dropped, even while the endpoint fails. */
const USABLE_MS = 24 * 60 * 60_000;
/** The next fetch begins this long after the beginning of one that failed. */
const FAILURE_PAUSE_MS = 10_000;
/** Pause between fetches for unknown keys, so that invalid tokens cannot cause more. */
const UNKNOWN_KEY_PAUSE_MS = 2_000;
/** Maximum size of a response: about three hundred keys. */
const BODY_MAX_BYTES = 64 * 1024;

/** How long a fetch may take, in milliseconds since its beginning. */
export interface FetchTimes {
  /** How long tokens wait for it while there are no keys yet, and for an unknown key. */
  readonly firstPatienceMs: number;
  readonly patienceMs: number;
  /** When it is given up, including the body. What arrives before counts, even if no token waits any more. */
  readonly timeoutMs: number;
}

export const FETCH_TIMES: FetchTimes = { firstPatienceMs: 5_000, patienceMs: 5_000, timeoutMs: 20_000 };

/** A development server may compile its code before its first response. */
export const DEVELOPMENT_FETCH_TIMES: FetchTimes = { ...FETCH_TIMES, firstPatienceMs: 30_000, timeoutMs: 30_000 };

/**
 * The keys that an endpoint such as Better Auth's publishes. Better Auth creates a key when it first signs with it, so
 * a token with an unknown key triggers a fetch, at most one every two seconds.
 *
 * Only one fetch runs at a time, and all callers share it. While the endpoint fails, the last keys stay in use.
 */
export class RemoteKeySet implements KeySet {
  private keys: PublicKeys | undefined;
  /** Monotonic times: the last successful fetch, the beginning of the last fetch, the last fetch for an unknown key. */
  private fetchedAtMs = Number.NEGATIVE_INFINITY;
  private beganAtMs = Number.NEGATIVE_INFINITY;
  private soughtAtMs = Number.NEGATIVE_INFINITY;
  /** Whether the last fetch failed. An unknown key may then be valid. */
  private failing = false;
  private fetching: Promise<void> | undefined;

  /**
   * @param load fetches the keys, such as `fetchKeys` for a URL
   * @param onFailure receives the error of each failed fetch
   */
  constructor(
    private readonly load: (timeoutMs: number) => Promise<PublicKeys>,
    private readonly onFailure: (error: unknown) => void,
    private readonly clock: Clock,
    private readonly times: FetchTimes = FETCH_TIMES,
  ) {}

  async keysFor(header: JWSHeaderParameters): Promise<readonly CryptoKey[]> {
    const ageMs = this.msSince(this.fetchedAtMs);
    if (ageMs > USABLE_MS) this.keys = undefined;
    const before = this.keys;
    if (before === undefined) await this.fetch(this.times.firstPatienceMs);
    else if (ageMs > FRESH_MS) void this.fetch(0);

    const known = (await this.keys?.find(header)) ?? [];
    if (known.length > 0) return known;
    if (this.keys === before) await this.fetchForUnknownKey();
    const found = (await this.keys?.find(header)) ?? [];
    if (found.length > 0) return found;
    if (!this.failing && this.fetching === undefined) throw unknownKey();
    const retryAfter = Math.max(1, Math.ceil((FAILURE_PAUSE_MS - this.msSince(this.beganAtMs)) / 1000));
    throw new KeySetUnavailable('The keys that verify tokens are out of reach at the moment, try again', retryAfter);
  }

  private async fetchForUnknownKey(): Promise<void> {
    if (this.fetching === undefined) {
      if (this.msSince(this.soughtAtMs) < UNKNOWN_KEY_PAUSE_MS) return;
      this.soughtAtMs = this.clock.monotonicMs();
    }
    await this.fetch(this.times.patienceMs);
  }

  /**
   * Fetches the keys, or joins a running fetch, which goes on when the caller's patience is over. Does nothing during the
   * pause after a failure. Never rejects.
   *
   * @param patienceMs how long to wait, since the beginning of the fetch
   */
  private async fetch(patienceMs: number): Promise<void> {
    if (this.fetching === undefined) {
      if (this.failing && this.msSince(this.beganAtMs) < FAILURE_PAUSE_MS) return;
      this.beganAtMs = this.clock.monotonicMs();
      this.fetching = this.attempt().finally(() => {
        this.fetching = undefined;
      });
    }
    const remainingMs = patienceMs - this.msSince(this.beganAtMs);
    if (remainingMs <= 0) return;
    let timer: NodeJS.Timeout | undefined;
    const impatience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, remainingMs);
    });
    await Promise.race([this.fetching, impatience]);
    clearTimeout(timer);
  }

  private async attempt(): Promise<void> {
    try {
      this.keys = await this.load(this.times.timeoutMs);
      this.fetchedAtMs = this.clock.monotonicMs();
      this.failing = false;
    } catch (error) {
      this.failing = true;
      this.onFailure(error);
    }
  }

  private msSince(monotonicMs: number): number {
    return this.clock.monotonicMs() - monotonicMs;
  }
}

/** Fetches keys from an endpoint. It is not trusted: its response is limited in time and size, and must not be a redirect. */
export async function fetchKeys(url: string, timeoutMs: number): Promise<PublicKeys> {
  const response = await fetch(url, {
    headers: { accept: 'application/jwk-set+json, application/json, */*;q=0.1' },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`it answered with status ${response.status}`);
  }
  return PublicKeys.parse(await readText(response));
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > BODY_MAX_BYTES) throw new Error(`it is larger than ${BODY_MAX_BYTES / 1024} KiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
