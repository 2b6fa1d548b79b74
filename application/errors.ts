/** The request comes without proof of who sends it, or with one that does not hold. */
export class Unauthenticated extends Error {
  override readonly name = 'Unauthenticated';
  readonly kind = 'unauthorized';

  constructor(
    message: string,
    /** Whether a token was there at all: RFC 6750 tells `invalid_token` from a request without any. */
    readonly tokenGiven: boolean,
  ) {
    super(message);
  }
}

/** Something that the answer depends on is out of reach for now; the same request may succeed later. */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';
  readonly kind = 'service_unavailable';

  constructor(
    message: string,
    /** When to try again, in seconds. */
    readonly retryAfter: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The keys that would tell whether a token holds are out of reach: it may be a good one, so it is not refused. */
export class KeySetUnavailable extends Unavailable {
  override readonly name = 'KeySetUnavailable';
}
