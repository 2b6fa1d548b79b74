/** The number of requests that a caller may send in a window of time. */
export interface Rate {
  /** Requests per window. */
  readonly limit: number;
  /** Length of the window, in seconds. */
  readonly window: number;
}

/** Counts the requests that one rate applies to. */
export interface RateLimiter {
  readonly rate: Rate;
  /**
   * Counts one request of `key`. The window of a key starts with its first request. At most `limit` calls in a
   * window are allowed, also if they are concurrent.
   */
  take(key: string): Promise<Quota>;
}

/** What a caller has left of a rate. */
export interface Quota {
  /** Whether the counted request is within the limit. */
  readonly allowed: boolean;
  /** Further requests that are allowed in this window. */
  readonly remaining: number;
  /** Seconds until the window ends, rounded up. */
  readonly resetAfter: number;
}

/** The limits that a server enforces. */
export interface RateLimits {
  /** Authenticated requests, per user. */
  readonly user: RateLimiter;
  /** Requests without a valid token, per network. */
  readonly failedAuthentication: RateLimiter;
  /** Attempts to sign up or to sign in, per network. */
  readonly signInNetwork: RateLimiter;
  /** The same, per e-mail address. */
  readonly signInEmail: RateLimiter;
}
