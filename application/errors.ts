import type { Quota, Rate, RateLimits } from './ports/rate-limiter.ts';

/** The caller did not prove an identity. */
export class Unauthenticated extends Error {
  override readonly name = 'Unauthenticated';

  constructor(
    /** For the caller: it must not reveal anything that the caller is not allowed to know. */
    message: string,
    /** Whether the caller sent a token at all. RFC 6750, section 3, answers the two cases differently. */
    readonly tokenGiven: boolean,
  ) {
    super(message);
  }
}

/** The caller sent more requests than one of the limits allows. */
export class RateLimited extends Error {
  override readonly name = 'RateLimited';

  constructor(
    readonly limit: keyof RateLimits,
    readonly rate: Rate,
    readonly quota: Quota,
  ) {
    super(`${MESSAGES[limit]}: try again in ${quota.resetAfter} s`);
  }
}

const MESSAGES: Record<keyof RateLimits, string> = {
  user: 'Too many requests',
  failedAuthentication: 'Too many requests without a valid sign-in from your address',
};

/** Something that the answer depends on is temporarily out of reach. The same request may succeed later. */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';

  constructor(
    message: string,
    /** Seconds after which the caller should retry. */
    readonly retryAfter: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The keys that would prove or disprove a token are out of reach. The token may be valid, so it is not refused. */
export class KeySetUnavailable extends Unavailable {
  override readonly name = 'KeySetUnavailable';
}
