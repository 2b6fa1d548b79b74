/** How many requests there may be in how many seconds. */
export interface Rate {
  readonly limit: number;
  readonly window: number;
}

/** Counts the requests of everybody to whom one rate applies. */
export interface RateLimiter {
  readonly rate: Rate;
  /**
   * Counts one more request of `key`. The window of a key begins with its first request and ends with its count. Calls
   * at the same time are counted each: of any number, no more than `limit` are allowed.
   */
  take(key: string): Promise<Quota>;
}

/** What is left of a rate. */
export interface Quota {
  /** Whether the request that was just counted is within the limit. */
  readonly allowed: boolean;
  /** How many more are. */
  readonly remaining: number;
  /** Seconds until all of them are again, rounded up. */
  readonly resetAfter: number;
}

/** The limits that a server holds its callers to. */
export interface RateLimits {
  /** By user: requests for tasks. */
  readonly user: RateLimiter;
  /** By address: requests that come without proof of who sends them. */
  readonly failedAuthentication: RateLimiter;
}
