import type { UserId } from '../domain/user-id.ts';
import type { Quota, Rate, RateLimits } from './ports/rate-limiter.ts';

/** The token is missing or invalid. */
export class Unauthenticated extends Error {
  override readonly name = 'Unauthenticated';

  constructor(
    /** Sent to the caller, so it must not reveal anything that the caller may not know. */
    message: string,
    /** `false` when the request has no token at all. RFC 6750, section 3, answers the two cases differently. */
    readonly tokenGiven = true,
  ) {
    super(message);
  }
}

/** No account has this e-mail address and this password. The message does not say which of the two is wrong. */
export class CredentialsInvalid extends Error {
  override readonly name = 'CredentialsInvalid';

  constructor() {
    super('The e-mail address or the password is wrong');
  }
}

/** Another account has the e-mail address. */
export class EmailTaken extends Error {
  override readonly name = 'EmailTaken';

  constructor() {
    super('An account with this e-mail address exists already: sign in, or use another address');
  }
}

/** The caller sent more requests than a rate limit allows. */
export class RateLimited extends Error {
  override readonly name = 'RateLimited';

  constructor(
    readonly limit: keyof RateLimits,
    readonly rate: Rate,
    readonly quota: Quota,
    /** The user who reached the limit; `undefined` for every other limit. */
    readonly user?: UserId,
  ) {
    super(`${MESSAGES[limit]}: try again in ${quota.resetAfter} s`);
  }
}

const MESSAGES: Record<keyof RateLimits, string> = {
  user: 'Too many requests',
  failedAuthentication: 'Too many requests without a valid sign-in from your address',
  signInNetwork: 'Too many attempts to sign in from your address',
  signInEmail: 'Too many attempts to sign in with this e-mail address',
};

/** A dependency is temporarily unavailable. The same request may succeed later. */
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

/** A dependency works, but not for this program. The same request succeeds once an operator has corrected that. */
export class Misconfigured extends Unavailable {
  override readonly name = 'Misconfigured';
}

/** The keys that verify a token are unavailable. The token may be valid, so it is not refused. */
export class KeySetUnavailable extends Unavailable {
  override readonly name = 'KeySetUnavailable';
}
