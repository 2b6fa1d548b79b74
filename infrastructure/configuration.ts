import * as v from 'valibot';
import { SECRET_MIN } from './auth/shared-secret-token-verifier.ts';
import { masked, postgresUrl } from './postgres/connection-settings.ts';

const ENVIRONMENTS = ['dev', 'staging', 'production'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** What an operator decides, checked. */
export interface Configuration {
  readonly environment: Environment;
  readonly host: string;
  readonly port: number;
  /** The name of the contract at the root. */
  readonly contract: string;
  readonly corsOrigins: readonly string[];
  /** `undefined`, in dev alone: the embedded database. */
  readonly databaseUrl: string | undefined;
  readonly databasePoolSize: number;
  readonly databasePrepare: boolean;
  /** `undefined`, in dev alone: a secret of the data folder's own. */
  readonly secret: string | undefined;
  readonly dataDir: string;
  readonly logLevel: string;
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
  const strict = set.ENVIRONMENT !== undefined && set.ENVIRONMENT !== 'dev';
  const result = v.safeParse(settings(contracts, strict), set);
  if (result.success) return result.output;
  throw new ConfigurationInvalid(result.issues.map((issue) => `${issue.path?.[0].key} ${issue.message}`));
}

/** Whether a text can be a secret: long enough, and not known to everybody. */
export function isSecret(text: string): boolean {
  return Buffer.byteLength(text) >= SECRET_MIN && text !== WELL_KNOWN_SECRET;
}

/** The configuration as pairs for people, secrets masked. */
export function described(configuration: Configuration): readonly (readonly [name: string, value: string])[] {
  const { secret, databaseUrl } = configuration;
  return [
    ['ENVIRONMENT', configuration.environment],
    ['HOST', configuration.host],
    ['PORT', String(configuration.port)],
    ['API_CONTRACT', configuration.contract],
    ['CORS_ORIGINS', configuration.corsOrigins.join(',') || '(none)'],
    ['DATABASE_URL', databaseUrl === undefined ? '(embedded database)' : masked(databaseUrl)],
    ['DATABASE_POOL_SIZE', String(configuration.databasePoolSize)],
    ['DATABASE_PREPARE', configuration.databasePrepare ? 'on' : 'off'],
    [
      'BETTER_AUTH_SECRET',
      secret === undefined ? '(kept in the data folder)' : `******** (${secret.length} characters)`,
    ],
    ['DATA_DIR', configuration.dataDir],
    ['LOG_LEVEL', configuration.logLevel],
  ];
}

/** @param strict whether what dev can do without has to be there */
function settings(contracts: readonly string[], strict: boolean) {
  const needed = <Schema extends v.GenericSchema<string, string>>(schema: Schema) =>
    strict ? schema : v.optional(schema);
  return v.pipe(
    v.object(
      {
        ENVIRONMENT: v.optional(v.picklist(ENVIRONMENTS, `must be one of ${ENVIRONMENTS.join(', ')}`), 'dev'),
        HOST: v.optional(v.string()),
        PORT: v.optional(wholeNumber(0, 65_535), '8000'),
        API_CONTRACT: v.optional(oneOf(contracts), '007-fastapi-backend'),
        CORS_ORIGINS: v.optional(v.pipe(v.string(), v.transform(listed), v.array(origin))),
        DATABASE_URL: needed(databaseUrl),
        DATABASE_POOL_SIZE: v.optional(wholeNumber(1, 1000), '10'),
        DATABASE_PREPARE: v.optional(oneOf(['on', 'off']), 'on'),
        BETTER_AUTH_SECRET: needed(secret),
        DATA_DIR: v.optional(v.string(), 'data'),
        LOG_LEVEL: v.optional(oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']), 'info'),
      },
      'is required in staging and production',
    ),
    v.transform(
      (given): Configuration => ({
        environment: given.ENVIRONMENT,
        host: given.HOST ?? (given.ENVIRONMENT === 'production' ? '0.0.0.0' : '127.0.0.1'),
        port: given.PORT,
        contract: given.API_CONTRACT,
        corsOrigins: given.CORS_ORIGINS ?? (given.ENVIRONMENT === 'dev' ? DEV_ORIGINS : []),
        databaseUrl: given.DATABASE_URL,
        databasePoolSize: given.DATABASE_POOL_SIZE,
        databasePrepare: given.DATABASE_PREPARE === 'on',
        secret: given.BETTER_AUTH_SECRET,
        dataDir: given.DATA_DIR,
        logLevel: given.LOG_LEVEL,
      }),
    ),
  );
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
  v.check((text) => postgresUrl(text) !== undefined, 'must look like postgresql://user:password@host:5432/name'),
);

const origin = v.pipe(
  v.string(),
  v.check(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    ({ input }) => `must be origins such as https://app.example.com, without a path; "${input}" is none`,
  ),
);

function wholeNumber(min: number, max: number) {
  const rule = `must be a whole number from ${min} to ${max}`;
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
