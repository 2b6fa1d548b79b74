import * as v from 'valibot';
import { CONTRACT_NAMES } from '../../http/contracts/contracts.ts';
import { parseOrigin } from '../../http/pipeline/origin-pattern.ts';
import { host, list, oneOf, quote, type ShownSetting, wholeNumber } from './setting-schemas.ts';

const DEV_ORIGINS: readonly string[] = ['http://localhost:3000', 'http://localhost:3001'];

export type ServerSettings = Readonly<v.InferOutput<typeof serverSettings>>;

export function describeServerSettings(settings: ServerSettings): readonly ShownSetting[] {
  return [
    ['ENVIRONMENT', settings.environment],
    ['HOST', settings.host],
    ['PORT', String(settings.port)],
    ['WORKERS', String(settings.workers)],
    ['API_CONTRACT', settings.contract],
    ['CORS_ORIGINS', settings.corsOrigins.join(',') || '(none)'],
    ['TRUST_PROXY', String(settings.trustProxy)],
    ['DRAIN_DELAY', String(settings.drainDelay)],
    ['LOG_LEVEL', settings.logLevel],
  ];
}

const origin = v.pipe(
  v.string(),
  v.rawTransform<string, string>(({ dataset, addIssue, NEVER }) => {
    const { value } = dataset;
    try {
      return parseOrigin(value);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const shown = showOrigin(value);
      addIssue({ message: `must be origins such as https://app.example.com, but ${shown} ${error.message}` });
      return NEVER;
    }
  }),
);

/** An entry with credentials or a query may contain a secret. */
function showOrigin(entry: string): string {
  return /[@?#]/.test(entry) ? `an entry of ${entry.length} characters` : quote(entry);
}

/** Reads where and how the server answers, and what it logs. */
export const serverSettings = v.pipe(
  v.object({
    ENVIRONMENT: v.optional(oneOf(['dev', 'staging', 'production']), 'dev'),
    HOST: v.optional(host),
    PORT: v.optional(wholeNumber({ min: 0, max: 65_535, example: 8000 }), '8000'),
    WORKERS: v.optional(wholeNumber({ min: 1, max: 64, example: 4 }), '1'),
    API_CONTRACT: v.optional(oneOf(CONTRACT_NAMES), '007-fastapi-backend'),
    CORS_ORIGINS: v.optional(v.pipe(list, v.array(origin))),
    TRUST_PROXY: v.optional(wholeNumber({ min: 0, max: 10, example: 1 }), '0'),
    DRAIN_DELAY: v.optional(wholeNumber({ min: 0, max: 300, example: 5 })),
    LOG_LEVEL: v.optional(oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']), 'info'),
  }),
  v.transform((set) => ({
    environment: set.ENVIRONMENT,
    host: set.HOST ?? (set.ENVIRONMENT === 'production' ? '0.0.0.0' : '127.0.0.1'),
    port: set.PORT,
    /** The number of processes that answer requests. If it is 1, the main process answers them. */
    workers: set.WORKERS,
    /** The name of the contract at the root. */
    contract: set.API_CONTRACT,
    corsOrigins: set.CORS_ORIGINS ?? (set.ENVIRONMENT === 'dev' ? DEV_ORIGINS : []),
    /** The number of reverse proxies whose `X-Forwarded-For` entries are trusted. */
    trustProxy: set.TRUST_PROXY,
    /** Seconds between the first signal to stop, when `/ready` starts to say no, and the end of listening. */
    drainDelay: set.DRAIN_DELAY ?? (set.ENVIRONMENT === 'production' ? 5 : 0),
    logLevel: set.LOG_LEVEL,
  })),
);
