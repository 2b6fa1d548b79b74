import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { PublicKeys } from '../../../infrastructure/auth/public-keys.ts';
import { CLOCK_TOLERANCE, SECRET_MIN, type TokenRules } from '../../../infrastructure/auth/token-rules.ts';
import {
  maskConnectionString,
  parsePostgresUrl,
} from '../../../infrastructure/postgres/connection/connection-string.ts';

const ENVIRONMENTS = ['dev', 'staging', 'production'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** What an operator decides, checked. */
export interface Configuration {
  readonly environment: Environment;
  readonly host: string;
  readonly port: number;
  /** How many processes answer on the port. 1: the one that was started, alone. */
  readonly workers: number;
  /** The name of the contract at the root. */
  readonly contract: string;
  readonly corsOrigins: readonly string[];
  /** `undefined`, in dev alone: the embedded database. */
  readonly databaseUrl: string | undefined;
  /** Connections at most, for each worker. */
  readonly databasePoolSize: number;
  readonly databasePrepare: boolean;
  /** For tokens signed HS256. `undefined`: none, with a key set; in dev one of the data folder's own. */
  readonly secret: string | undefined;
  /** What the tokens signed HS256 have to say. */
  readonly tokenRules: TokenRules;
  /** For tokens that Better Auth signs with keys of its own. `undefined`: none. */
  readonly keySet: KeySetSettings | undefined;
  /** How many proxies before the server are believed when they say where a request comes from. */
  readonly trustProxy: number;
  /** `undefined`: none. */
  readonly rateLimits: RateLimitSettings | undefined;
  readonly dataDir: string;
  readonly logLevel: string;
}

export interface RateLimitSettings {
  /** Requests in a minute: of one user, and those of one address that prove nobody's identity. */
  readonly user: number;
  readonly failedAuthentication: number;
  /** Where they are counted: `memory`, `postgres`, or the address of a Redis. */
  readonly store: string;
}

export interface KeySetSettings {
  /** Where the keys are published, or the keys themselves. */
  readonly source: string | PublicKeys;
  /** What the tokens have to say: always with an issuer and an audience. */
  readonly rules: TokenRules;
}

/** All that is wrong with the configuration, a line each. */
export class ConfigurationInvalid extends Error {
  override readonly name = 'ConfigurationInvalid';

  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

/** Better Auth takes this secret when it is given none, so that everybody knows it. */
const WELL_KNOWN_SECRET = 'better-auth-secret-12345678901234567890';
/** The name of a claim, of characters that a header may quote as well. */
const CLAIM = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;
const DEV_ORIGINS = ['http://localhost:3000', 'http://localhost:3001'];

/**
 * Reads the settings from environment variables; an empty one counts as not set.
 *
 * @param contracts the names that `API_CONTRACT` may have
 * @throws ConfigurationInvalid that lists every fault with what to do, and never a secret
 */
export function readConfiguration(
  environment: Readonly<Record<string, string | undefined>>,
  contracts: readonly string[],
): Configuration {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const result = v.safeParse(settings(contracts, set), set);
  if (result.success) return result.output;
  throw new ConfigurationInvalid(result.issues.map((issue) => `${issue.path?.[0].key} ${issue.message}`));
}

/** Whether a text can be a secret: long enough, and not known to everybody. */
export function isSecret(text: string): boolean {
  return Buffer.byteLength(text) >= SECRET_MIN && text.trim() !== WELL_KNOWN_SECRET;
}

/** The configuration as pairs for people, secrets maskConnectionString. */
export function described(configuration: Configuration): readonly (readonly [name: string, value: string])[] {
  const { secret, databaseUrl, keySet, tokenRules, rateLimits } = configuration;
  const instead = configuration.environment === 'dev' ? '(kept in the data folder)' : '(none)';
  return [
    ['ENVIRONMENT', configuration.environment],
    ['HOST', configuration.host],
    ['PORT', String(configuration.port)],
    ['WORKERS', String(configuration.workers)],
    ['API_CONTRACT', configuration.contract],
    ['CORS_ORIGINS', configuration.corsOrigins.join(',') || '(none)'],
    ['DATABASE_URL', databaseUrl === undefined ? '(embedded database)' : maskConnectionString(databaseUrl)],
    ['DATABASE_POOL_SIZE', String(configuration.databasePoolSize)],
    ['DATABASE_PREPARE', configuration.databasePrepare ? 'on' : 'off'],
    ['BETTER_AUTH_SECRET', secret === undefined ? instead : `******** (${secret.length} characters)`],
    ['JWKS_URL, JWKS', keySet === undefined ? '(none)' : keySetDescribed(keySet)],
    ['JWT_ISSUER', demanded(({ issuers }) => issuers, configuration)],
    ['JWT_AUDIENCE', demanded(({ audiences }) => audiences, configuration)],
    ['JWT_CLOCK_TOLERANCE', `${tokenRules.clockTolerance} s`],
    ['JWT_USER_ID_CLAIM', tokenRules.userIdClaim],
    ['TRUST_PROXY', String(configuration.trustProxy)],
    ['RATE_LIMIT', rateLimits === undefined ? 'off' : `${rateLimits.user} in a minute`],
    ['RATE_LIMIT_FAILED_AUTH', rateLimits === undefined ? 'off' : `${rateLimits.failedAuthentication} in a minute`],
    ['RATE_LIMIT_STORE', rateLimits === undefined ? '(none)' : storeDescribed(rateLimits)],
    ['DATA_DIR', configuration.dataDir],
    ['LOG_LEVEL', configuration.logLevel],
  ];
}

/** Where the keys are that tokens are verified with, for people. */
export function keySetDescribed({ source }: KeySetSettings): string {
  return typeof source === 'string' ? source.replace(/\?.*$/, '?…') : `${source.keys.length} keys, as configured`;
}

/** What a rule demands of the tokens of each kind that is on. */
function demanded(
  names: (rules: TokenRules) => readonly string[],
  { environment, secret, keySet, tokenRules }: Configuration,
): string {
  const ofSecret = names(tokenRules).join(',') || '(any)';
  if (keySet === undefined) return ofSecret;
  const ofKeySet = names(keySet.rules).join(',');
  const both = (secret !== undefined || environment === 'dev') && ofSecret !== ofKeySet;
  return both ? `${ofKeySet}; with the shared secret ${ofSecret}` : ofKeySet;
}

function storeDescribed({ store }: RateLimitSettings): string {
  if (!isRedisUrl(store)) return store;
  const { protocol, username, password, host, pathname } = new URL(store);
  return `${protocol}//${username || password ? '********@' : ''}${host}${pathname}`;
}

/** @param given decides which settings have to be there, and which exclude each other */
function settings(contracts: readonly string[], given: Readonly<Record<string, string | undefined>>) {
  const strict = given.ENVIRONMENT !== undefined && given.ENVIRONMENT !== 'dev';
  const hasKeys = [given.BETTER_AUTH_URL, given.JWKS_URL, given.JWKS].some((setting) => setting !== undefined);
  const namesTokens = (given.JWT_USER_ID_CLAIM ?? 'sub') !== 'sub' || (hasKeys && given.BETTER_AUTH_URL === undefined);
  const needed = <Schema extends v.GenericSchema<string, unknown>>(schema: Schema, condition: boolean) =>
    condition ? schema : v.optional(schema);
  return v.pipe(
    v.object(
      {
        ENVIRONMENT: v.optional(v.picklist(ENVIRONMENTS, `must be one of ${ENVIRONMENTS.join(', ')}`), 'dev'),
        HOST: v.optional(v.string()),
        PORT: v.optional(wholeNumber(0, 65_535), '8000'),
        WORKERS: v.optional(wholeNumber(1, 64), '1'),
        API_CONTRACT: v.optional(oneOf(contracts), '007-fastapi-backend'),
        CORS_ORIGINS: v.optional(v.pipe(v.string(), v.transform(listed), v.array(origin))),
        DATABASE_URL: needed(databaseUrl, strict),
        DATABASE_POOL_SIZE: v.optional(wholeNumber(1, 1000), '10'),
        DATABASE_PREPARE: v.optional(oneOf(['on', 'off']), 'on'),
        BETTER_AUTH_SECRET: needed(secret, strict && !hasKeys),
        BETTER_AUTH_URL: v.optional(
          v.pipe(
            httpUrl,
            v.check((url) => !url.includes('?'), 'must be an address without a query'),
          ),
        ),
        JWKS_URL: v.optional(
          v.pipe(
            httpUrl,
            v.check(() => given.JWKS === undefined, 'and JWKS exclude each other: set one of the two'),
          ),
        ),
        JWKS: v.optional(keySet),
        JWT_ISSUER: needed(names, namesTokens),
        JWT_AUDIENCE: needed(names, namesTokens),
        JWT_CLOCK_TOLERANCE: v.optional(wholeNumber(0, 300), String(CLOCK_TOLERANCE)),
        JWT_USER_ID_CLAIM: v.optional(v.pipe(v.string(), v.regex(CLAIM, 'must be the name of a claim')), 'sub'),
        TRUST_PROXY: v.optional(wholeNumber(0, 10), '0'),
        RATE_LIMIT: v.optional(rateLimit, '1000'),
        RATE_LIMIT_FAILED_AUTH: v.optional(wholeNumber(1, 1_000_000), '60'),
        RATE_LIMIT_STORE: v.optional(rateLimitStore, 'memory'),
        DATA_DIR: v.optional(v.string(), 'data'),
        LOG_LEVEL: v.optional(oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']), 'info'),
      },
      ({ path }) => missing(String(path?.[0].key)),
    ),
    v.transform((given): Configuration => {
      const { BETTER_AUTH_URL, JWKS, JWKS_URL, JWT_ISSUER: issuers = [], JWT_AUDIENCE: audiences = [] } = given;
      const tokenRules = {
        issuers,
        audiences,
        clockTolerance: given.JWT_CLOCK_TOLERANCE,
        userIdClaim: given.JWT_USER_ID_CLAIM,
      };
      const source = JWKS ?? JWKS_URL ?? (BETTER_AUTH_URL && publishedKeys(BETTER_AUTH_URL));
      return {
        environment: given.ENVIRONMENT,
        host: given.HOST ?? (given.ENVIRONMENT === 'production' ? '0.0.0.0' : '127.0.0.1'),
        port: given.PORT,
        workers: given.WORKERS,
        contract: given.API_CONTRACT,
        corsOrigins: given.CORS_ORIGINS ?? (given.ENVIRONMENT === 'dev' ? DEV_ORIGINS : []),
        databaseUrl: given.DATABASE_URL,
        databasePoolSize: given.DATABASE_POOL_SIZE,
        databasePrepare: given.DATABASE_PREPARE === 'on',
        secret: given.BETTER_AUTH_SECRET,
        tokenRules,
        keySet:
          source === undefined || source === ''
            ? undefined
            : { source, rules: withOrigin(tokenRules, BETTER_AUTH_URL) },
        trustProxy: given.TRUST_PROXY,
        rateLimits:
          given.RATE_LIMIT === undefined
            ? undefined
            : {
                user: given.RATE_LIMIT,
                failedAuthentication: given.RATE_LIMIT_FAILED_AUTH,
                store: given.RATE_LIMIT_STORE,
              },
        dataDir: given.DATA_DIR,
        logLevel: given.LOG_LEVEL,
      };
    }),
  );
}

/** Better Auth signs with the origin of its own address as issuer and audience, unless it is told otherwise. */
function withOrigin(rules: TokenRules, betterAuthUrl: string | undefined): TokenRules {
  if (betterAuthUrl === undefined) return rules;
  const { origin } = new URL(betterAuthUrl);
  return {
    ...rules,
    issuers: rules.issuers.length > 0 ? rules.issuers : [origin],
    audiences: rules.audiences.length > 0 ? rules.audiences : [origin],
  };
}

function missing(name: string): string {
  if (name === 'JWT_ISSUER' || name === 'JWT_AUDIENCE') {
    return 'is required with JWT_USER_ID_CLAIM, and with JWKS_URL or JWKS where BETTER_AUTH_URL is not set';
  }
  const instead = name === 'BETTER_AUTH_SECRET' ? ', unless BETTER_AUTH_URL, JWKS_URL or JWKS gives other keys' : '';
  return `is required in staging and production${instead}`;
}

const secret = v.pipe(
  v.string(),
  v.check(
    isSecret,
    `must be a secret of at least ${SECRET_MIN} characters that only your frontend and this server know: openssl rand -base64 32`,
  ),
);

const databaseUrl = v.pipe(
  v.string(),
  v.check((text) => parsePostgresUrl(text) !== undefined, 'must look like postgresql://user:password@host:5432/name'),
);

const rateLimit = v.pipe(
  v.string(),
  v.transform((text) => (text === 'off' ? undefined : text)),
  v.optional(wholeNumber(1, 1_000_000, 'must be off, or')),
);

const rateLimitStore = v.pipe(
  v.string(),
  v.check(
    (text) => text === 'memory' || text === 'postgres' || isRedisUrl(text),
    'must be memory, postgres, or like redis://user:password@host:6379',
  ),
);

function isRedisUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, username, password } = new URL(text);
  return (
    /^rediss?:$/.test(protocol) && hostname !== '' && /^(\/\d*)?$/.test(pathname) && isEncoded(username + password)
  );
}

/** Whether every percent sign is one of percent-encoded UTF-8. */
function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** An address of the web, without its trailing slash. */
const httpUrl = v.pipe(
  v.string(),
  v.check(
    (text) => isHttpUrl(text),
    'must look like https://app.example.com, without a user, a password or a fragment in it',
  ),
  v.transform((text) => text.trim().replace(/\/+$/, '')),
);

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
}

/** Better Auth answers below `/api/auth`, unless its address has a path of its own: then it answers below that one. */
function publishedKeys(betterAuthUrl: string): string {
  return new URL(betterAuthUrl).pathname === '/' ? `${betterAuthUrl}/api/auth/jwks` : `${betterAuthUrl}/jwks`;
}

/** Values of `iss` or `aud`. */
const names = v.pipe(v.string(), v.transform(listed), v.minLength(1, 'must be one name or more, comma-separated'));

/** A JSON Web Key Set itself, or the path of a file with one. */
const keySet = v.pipe(
  v.string(),
  v.rawTransform<string, PublicKeys>(({ dataset, addIssue, NEVER }) => {
    try {
      const { value } = dataset;
      return PublicKeys.from(JSON.parse(value.trim().startsWith('{') ? value : readFileSync(value, 'utf8')));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      addIssue({ message: `must be a JSON Web Key Set with public keys, or the path of a file with one (${reason})` });
      return NEVER;
    }
  }),
);

const origin = v.pipe(
  v.string(),
  v.check(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    ({ input }) => `must be origins such as https://app.example.com, without a path; "${input}" is none`,
  ),
);

function wholeNumber(min: number, max: number, must = 'must be') {
  const rule = `${must} a whole number from ${min} to ${max}`;
  return v.pipe(v.string(), v.regex(/^\d+$/, rule), v.transform(Number), v.minValue(min, rule), v.maxValue(max, rule));
}

function oneOf(words: readonly string[]) {
  return v.picklist(words, `must be one of ${words.join(', ')}`);
}

/** Comma-separated; a trailing slash is no part of an origin. */
function listed(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim().replace(/\/$/, ''))
    .filter((part) => part !== '');
}
