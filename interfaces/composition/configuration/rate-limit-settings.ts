import * as v from 'valibot';
import { findRedisUrlFault, maskRedisUrl } from '../../../infrastructure/rate-limits/redis-url.ts';
import { quote, type ShownSetting, text, wholeNumber } from './setting-schemas.ts';

const MAX_RATE = 1_000_000;

export type RateLimitSettings = Readonly<v.InferOutput<typeof rateLimitSettings>>;

export function describeRateLimitSettings({ rateLimits }: RateLimitSettings): readonly ShownSetting[] {
  return [
    ['RATE_LIMIT', rateLimits ? `${rateLimits.user} per minute` : 'off'],
    ['RATE_LIMIT_FAILED_AUTH', rateLimits ? `${rateLimits.failedAuthentication} per minute` : 'off'],
    ['RATE_LIMIT_STORE', rateLimits ? maskStore(rateLimits.store) : '(none)'],
  ];
}

const STORES = 'must be memory, postgres, or like redis://user:password@host:6379';
const NAMED_STORES: readonly string[] = ['memory', 'postgres'];
const REDIS_SCHEME = /^rediss?:\/\//;

function maskStore(store: string): string {
  return NAMED_STORES.includes(store) ? store : maskRedisUrl(store);
}

const store = v.pipe(
  text,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || NAMED_STORES.includes(dataset.value)) return;
    const { value } = dataset;
    const fault = REDIS_SCHEME.test(value) ? findRedisUrlFault(value) : undefined;
    if (fault !== undefined) addIssue({ message: `${fault}. It ${STORES}, but is ${maskRedisUrl(value)}` });
    else if (!REDIS_SCHEME.test(value)) {
      const received = /^\w{1,20}$/.test(value) ? quote(value) : maskRedisUrl(value);
      addIssue({ message: `${STORES}, but is ${received}` });
    }
  }),
);

/** Reads how many requests are allowed, and which store counts them. */
export const rateLimitSettings = v.pipe(
  v.object({
    RATE_LIMIT: v.optional(
      v.pipe(
        text,
        v.transform((value) => (value === 'off' ? undefined : value)),
        v.optional(wholeNumber({ min: 1, max: MAX_RATE, example: 1000, must: 'must be off, or' })),
      ),
      '1000',
    ),
    RATE_LIMIT_FAILED_AUTH: v.optional(wholeNumber({ min: 1, max: MAX_RATE, example: 60 }), '60'),
    RATE_LIMIT_STORE: v.optional(store, 'memory'),
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
