import * as v from 'valibot';
import { type ShownSetting, wholeNumber } from './setting-schemas.ts';

const MAX_RATE = 1_000_000;

export type RateLimitSettings = Readonly<v.InferOutput<typeof rateLimitSettings>>;

export function describeRateLimitSettings({ rateLimits }: RateLimitSettings): readonly ShownSetting[] {
  return [
    ['RATE_LIMIT', rateLimits ? `${rateLimits.user} per minute` : 'off'],
    ['RATE_LIMIT_FAILED_AUTH', rateLimits ? `${rateLimits.failedAuthentication} per minute` : 'off'],
    ['RATE_LIMIT_STORE', rateLimits ? maskStore(rateLimits.store) : '(none)'],
  ];
}

function isRedisUrl(text: string): boolean {
  try {
    const { protocol, hostname, pathname, username, password } = new URL(text);
    decodeURIComponent(username + password); // throws if a percent sign encodes nothing
    return /^rediss?:$/.test(protocol) && hostname !== '' && /^(\/\d*)?$/.test(pathname);
  } catch {
    return false;
  }
}

/** Masks the credentials of a URL, and removes its query and fragment. */
function maskStore(store: string): string {
  return store.replace(/[?#].*/, '').replace(/(?<=\/\/).*@/, '********@');
}

/** Reads how many requests are allowed, and which store counts them. */
export const rateLimitSettings = v.pipe(
  v.object({
    RATE_LIMIT: v.optional(
      v.pipe(
        v.string(),
        v.transform((text) => (text === 'off' ? undefined : text)),
        v.optional(wholeNumber(1, MAX_RATE, 'must be off, or')),
      ),
      '1000',
    ),
    RATE_LIMIT_FAILED_AUTH: v.optional(wholeNumber(1, MAX_RATE), '60'),
    RATE_LIMIT_STORE: v.optional(
      v.pipe(
        v.string(),
        v.check(
          (text) => text === 'memory' || text === 'postgres' || isRedisUrl(text),
          'must be memory, postgres, or like redis://user:password@host:6379',
        ),
      ),
      'memory',
    ),
  }),
  v.transform((set) => ({
    /** `undefined`: switched off. */
    rateLimits:
      set.RATE_LIMIT === undefined
        ? undefined
        : {
            /** Requests per minute of one user. */
            user: set.RATE_LIMIT,
            /** Requests per minute from one address without a valid token. */
            failedAuthentication: set.RATE_LIMIT_FAILED_AUTH,
            /** `memory`, `postgres`, or the URL of a Redis server. */
            store: set.RATE_LIMIT_STORE,
          },
  })),
);
