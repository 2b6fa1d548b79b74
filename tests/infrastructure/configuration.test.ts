import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  ConfigurationInvalid,
  describeConfiguration,
  readConfiguration,
} from '../../interfaces/composition/configuration/configuration.ts';

const SECRET = 'kx8Vq2Lr9Tz4Wm7Yb1Nc6Pd3Sf5Hg0Ja';
const URL_OF_DATABASE = 'postgresql://ann:hunter2@db.example:5432/tasks?sslmode=require';
const KEY = { kid: 'first', ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) };
const keySetOf = ({ publicKey }: { publicKey: KeyObject }) =>
  JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] });

function faults(environment: Record<string, string | undefined>): readonly string[] {
  try {
    readConfiguration(environment);
  } catch (error) {
    if (error instanceof ConfigurationInvalid) return error.faults;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('needs nothing in dev', () => {
    for (const empty of [{}, { PORT: '', DATABASE_URL: ' ', BETTER_AUTH_SECRET: '', UNKNOWN: 'x' }]) {
      expect(readConfiguration(empty)).toEqual({
        environment: 'dev',
        host: '127.0.0.1',
        port: 8000,
        workers: 1,
        contract: '007-fastapi-backend',
        corsOrigins: ['http://localhost:3000', 'http://localhost:3001'],
        databaseUrl: undefined,
        migrationDatabaseUrl: undefined,
        databaseEngine: 'postgresql',
        rowSecurityRequired: false,
        databasePoolSize: 10,
        databasePrepare: true,
        databaseTimeout: 5,
        secret: undefined,
        betterAuthUrl: undefined,
        tokenRules: { issuers: [], audiences: [], clockTolerance: 5, userIdClaim: 'sub' },
        keySet: undefined,
        signIn: { secret: undefined, publicUrl: 'http://localhost:8000', tokenHours: 24 },
        trustProxy: 0,
        drainDelay: 0,
        rateLimits: { user: 1000, failedAuthentication: 60, store: 'memory' },
        metrics: undefined,
        dataDir: 'data',
        logLevel: 'info',
      });
    }
  });

  it('reads every setting', () => {
    const set = {
      ENVIRONMENT: 'production',
      PORT: '9000',
      WORKERS: '4',
      API_CONTRACT: '003-backend-api',
      CORS_ORIGINS: 'https://App.example.com:443/, http://localhost:3000,tauri://localhost/',
      DATABASE_URL: 'postgresql+asyncpg://ann@db/tasks',
      MIGRATION_DATABASE_URL: 'postgresql://owner:hunter2@db.example.com/tasks',
      DATABASE_ENGINE: 'citus',
      ROW_SECURITY: 'required',
      DATABASE_POOL_SIZE: '3',
      DATABASE_PREPARE: 'off',
      BETTER_AUTH_SECRET: SECRET,
      JWT_ISSUER: 'https://app.example.com/',
      JWT_AUDIENCE: 'tasks, https://app.example.com',
      JWT_CLOCK_TOLERANCE: '30',
      JWT_USER_ID_CLAIM: 'uid',
      TRUST_PROXY: '2',
      DRAIN_DELAY: '30',
      RATE_LIMIT: '300',
      RATE_LIMIT_FAILED_AUTH: '5',
      RATE_LIMIT_STORE: 'postgres',
      METRICS_PORT: '9464',
      DATA_DIR: '/var/lib/taskwell',
      LOG_LEVEL: 'warn',
    };
    expect(readConfiguration(set)).toEqual({
      environment: 'production',
      host: '0.0.0.0',
      port: 9000,
      workers: 4,
      contract: '003-backend-api',
      corsOrigins: ['https://app.example.com', 'http://localhost:3000', 'tauri://localhost'],
      databaseUrl: set.DATABASE_URL,
      migrationDatabaseUrl: set.MIGRATION_DATABASE_URL,
      databaseEngine: 'citus',
      rowSecurityRequired: true,
      databasePoolSize: 3,
      databasePrepare: false,
      databaseTimeout: 5,
      secret: SECRET,
      betterAuthUrl: undefined,
      tokenRules: {
        issuers: ['https://app.example.com'],
        audiences: ['tasks', 'https://app.example.com'],
        clockTolerance: 30,
        userIdClaim: 'uid',
      },
      keySet: undefined,
      trustProxy: 2,
      drainDelay: 30,
      rateLimits: { user: 300, failedAuthentication: 5, store: 'postgres' },
      metrics: { host: '0.0.0.0', port: 9464 },
      dataDir: '/var/lib/taskwell',
      logLevel: 'warn',
    });
  });

  it('serves no metrics unless it has a port for them', () => {
    expect(readConfiguration({ METRICS_HOST: '0.0.0.0' }).metrics).toBeUndefined();
    expect(readConfiguration({ METRICS_PORT: '9464' }).metrics).toEqual({ host: '127.0.0.1', port: 9464 });
    expect(readConfiguration({ METRICS_PORT: '0', METRICS_HOST: '10.0.0.7' }).metrics).toEqual({
      host: '10.0.0.7',
      port: 0,
    });
    expect(faults({ METRICS_PORT: 'on' })).toEqual([
      'METRICS_PORT must be a whole number from 0 to 65535, such as 9464, but is "on"',
    ]);
  });

  it('allows no origin by default outside dev', () => {
    const staging = readConfiguration({
      ENVIRONMENT: 'staging',
      DATABASE_URL: URL_OF_DATABASE,
      BETTER_AUTH_SECRET: SECRET,
    });
    expect(staging).toMatchObject({ corsOrigins: [], host: '127.0.0.1' });
  });

  it('gives load balancers time to notice a stop in production', () => {
    const set = { DATABASE_URL: URL_OF_DATABASE, BETTER_AUTH_SECRET: SECRET };
    expect(readConfiguration({ ...set, ENVIRONMENT: 'production' }).drainDelay).toBe(5);
    expect(readConfiguration({ ...set, ENVIRONMENT: 'production', DRAIN_DELAY: '0' }).drainDelay).toBe(0);
    expect(readConfiguration({ ...set, ENVIRONMENT: 'staging' }).drainDelay).toBe(0);
  });

  it.each(['staging', 'production'])('requires a database and a secret in %s', (environment) => {
    expect(faults({ ENVIRONMENT: environment })).toEqual([
      'DATABASE_URL is required in staging and production',
      'BETTER_AUTH_SECRET is required in staging and production, unless BETTER_AUTH_URL, JWKS_URL or JWKS is set, or SIGN_IN is on',
    ]);
  });

  describe('of accounts of its own', () => {
    const strict = { ENVIRONMENT: 'production', DATABASE_URL: URL_OF_DATABASE };

    it.each(['BETTER_AUTH_SECRET', 'BETTER_AUTH_URL', 'SIGN_IN'])('has none by default in dev with %s', (name) => {
      const value = { BETTER_AUTH_SECRET: SECRET, BETTER_AUTH_URL: 'https://app.example.com', SIGN_IN: 'off' }[name];
      expect(readConfiguration({ [name]: value }).signIn).toBeUndefined();
    });

    it('has none in production unless SIGN_IN says so, with a secret and an origin', () => {
      expect(readConfiguration({ ...strict, BETTER_AUTH_SECRET: SECRET }).signIn).toBeUndefined();
      expect(faults({ ...strict, SIGN_IN: 'on' })).toEqual([
        'SIGN_IN_SECRET is required with SIGN_IN=on in staging and production',
        'PUBLIC_URL is required with SIGN_IN=on in staging and production',
      ]);
      const signIn = { SIGN_IN: 'on', SIGN_IN_SECRET: SECRET, PUBLIC_URL: 'https://tasks.example.com/' };
      const { secret, ...configuration } = readConfiguration({ ...strict, ...signIn, SIGN_IN_TOKEN_HOURS: '168' });
      expect(secret).toBeUndefined();
      expect(configuration.signIn).toEqual({ secret: SECRET, publicUrl: 'https://tasks.example.com', tokenHours: 168 });
      expect(faults({ ...strict, ...signIn, SIGN_IN_TOKEN_HOURS: '169' })).toHaveLength(1);
      expect(faults({ ...strict, ...signIn, PUBLIC_URL: 'https://tasks.example.com/x' })).toHaveLength(1);
    });

    it('excludes another issuer of tokens', () => {
      const [fault] = faults({ SIGN_IN: 'on', BETTER_AUTH_URL: 'https://app.example.com' });
      expect(fault).toMatch(/^SIGN_IN and BETTER_AUTH_URL exclude each other/);
    });
  });

  describe('of a key set', () => {
    const strict = { ENVIRONMENT: 'production', DATABASE_URL: URL_OF_DATABASE };
    const inline = JSON.stringify({ keys: [KEY] });

    it.each(['https://app.example.com', 'https://app.example.com/', 'https://app.example.com/api/auth'])(
      'is found below %s, with its origin as issuer and audience, and then no secret is needed',
      (url) => {
        expect(readConfiguration({ ...strict, BETTER_AUTH_URL: url })).toMatchObject({
          secret: undefined,
          tokenRules: { issuers: [], audiences: [] },
          keySet: {
            source: 'https://app.example.com/api/auth/jwks',
            rules: { issuers: ['https://app.example.com'], audiences: ['https://app.example.com'], clockTolerance: 5 },
          },
        });
      },
    );

    it('may have another URL than Better Auth has in the browser', () => {
      const set = { BETTER_AUTH_URL: 'https://app.example.com', JWKS_URL: 'http://frontend:3000/api/auth/jwks' };
      expect(readConfiguration({ ...strict, ...set }).keySet).toMatchObject({
        source: set.JWKS_URL,
        rules: { issuers: [set.BETTER_AUTH_URL], audiences: [set.BETTER_AUTH_URL] },
      });
    });

    it('may be given as JSON or as a file', () => {
      const file = join(tmpdir(), `${randomUUID()}.json`);
      writeFileSync(file, inline);
      try {
        for (const JWKS of [inline, file]) {
          const { keySet } = readConfiguration({
            ...strict,
            JWKS,
            JWT_ISSUER: 'https://app.example.com',
            JWT_AUDIENCE: 'tasks',
          });
          expect(keySet?.source).toMatchObject({ keys: [{ kid: 'first', x: KEY.x }] });
          expect(keySet?.rules).toMatchObject({ issuers: ['https://app.example.com'], audiences: ['tasks'] });
        }
      } finally {
        rmSync(file);
      }
    });

    it.each([
      ['text', 'must be a JSON Web Key Set with public keys, or the path of a file with one (ENOENT'],
      ['{}', 'it is not a JSON Web Key Set'],
      ['{"keys":[]}', 'it has no supported public key'],
      ['{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}', 'it has no supported public key'],
      [JSON.stringify({ keys: [{ ...KEY, d: KEY.x }] }), 'it has no supported public key'],
      [JSON.stringify({ keys: [{ ...KEY, x: 'short' }] }), 'it has no supported public key'],
      [keySetOf(generateKeyPairSync('x25519')), 'it has no supported public key'],
      [keySetOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' })), 'it has no supported public key'],
      [keySetOf(generateKeyPairSync('rsa', { modulusLength: 1024 })), 'it has no supported public key'],
    ])('is not %s', (JWKS, reason) => {
      expect(faults({ JWKS, BETTER_AUTH_URL: 'https://app.example.com' })).toEqual([expect.stringContaining(reason)]);
    });

    it.each([
      ['-----BEGIN PRIVATE KEY-----hunter2', 'ENOENT'],
      ['{"keys":[hunter2', 'it is not JSON'],
    ])('does not appear in the fault of %s', (JWKS, reason) => {
      const [fault] = faults({ JWKS, BETTER_AUTH_URL: 'https://app.example.com' });
      expect(fault).toContain(reason);
      expect(fault).not.toContain('hunter2');
    });

    it.each([
      { JWKS_URL: 'https://app.example.com/keys' },
      { JWKS: inline },
      { BETTER_AUTH_SECRET: SECRET, JWT_USER_ID_CLAIM: 'userId' },
      { BETTER_AUTH_URL: 'https://app.example.com', JWT_USER_ID_CLAIM: 'userId' },
    ])('requires an issuer and an audience with %o', (set) => {
      const rule = 'is required with JWT_USER_ID_CLAIM, and with JWKS_URL or JWKS if BETTER_AUTH_URL is not set';
      expect(faults(set)).toEqual([`JWT_ISSUER ${rule}`, `JWT_AUDIENCE ${rule}`]);
    });

    it('may not be given in two ways', () => {
      const both = {
        BETTER_AUTH_URL: 'https://app.example.com',
        JWKS: inline,
        JWKS_URL: 'https://app.example.com/keys',
      };
      expect(faults(both)).toEqual(['JWKS_URL and JWKS exclude each other: set one of the two']);
    });
  });

  it.each([
    ['ENVIRONMENT', 'prod', 'must be one of dev, staging, production, but is "prod": did you mean production?'],
    ['ENVIRONMENT', 'Staging', 'but is "Staging": did you mean staging?'],
    [
      'HOST',
      'localhost:8000',
      'must be an address without scheme and port, such as 127.0.0.1, but is "localhost:8000"',
    ],
    ['METRICS_HOST', 'http://localhost', 'without scheme and port, such as 127.0.0.1, but is "http://localhost"'],
    ['ENVIRONMENT', 'development', 'did you mean dev?'],
    ['PORT', 'http', 'must be a whole number from 0 to 65535, such as 8000, but is "http"'],
    ['PORT', '"8000"', 'has quotes around its value: remove them'],
    ['PORT', ' 8000', 'has white space around its value: remove it'],
    ['CORS_ORIGINS', "'https://app.example.com'", 'has quotes around its value'],
    ['BETTER_AUTH_SECRET', `"${'x'.repeat(40)}"`, 'has quotes around its value'],
    ['BETTER_AUTH_SECRET', `${'x'.repeat(40)}\n`, 'has white space around its value'],
    ['JWKS', `'{"keys":[]}'`, 'has quotes around its value'],
    ['PORT', '65536', 'must be a whole number from 0 to 65535'],
    ['WORKERS', '0', 'must be a whole number from 1 to 64'],
    ['WORKERS', '65', 'must be a whole number from 1 to 64'],
    ['API_CONTRACT', '008', 'must be one of 007-fastapi-backend, 003-backend-api'],
    [
      'DATABASE_URL',
      'mysql://db/tasks',
      'begins with mysql:// instead of postgresql://. It must look like postgresql://',
    ],
    [
      'DATABASE_URL',
      'db.example',
      'is not a URL. It must look like postgresql://user:password@host:5432/name, but is …',
    ],
    ['DATABASE_URL', '"postgresql://ann:hunter2@db/tasks"', 'has quotes around its value: remove them'],
    ['DATABASE_URL', ' postgresql://ann:hunter2@db/tasks', 'has white space around its value: remove it'],
    ['MIGRATION_DATABASE_URL', 'postgresql://a:b@c@db/tasks', 'has an @ at position 17 in the password that is not'],
    ['CORS_ORIGINS', '*', 'must be origins such as https://app.example.com, but "*" would allow every page: list'],
    ['CORS_ORIGINS', 'https://app.example.com/tasks', 'but "https://app.example.com/tasks" has a path, a query or'],
    ['CORS_ORIGINS', 'http://localhost:3000, null', 'but "null" is sent by sandboxed pages'],
    ['CORS_ORIGINS', 'https://ann:hunter2@app.example.com', 'characters has a user or a password'],
    ['DATABASE_POOL_SIZE', '0', 'must be a whole number from 1 to 1000'],
    ['DATABASE_PREPARE', 'yes', 'must be one of on, off'],
    ['BETTER_AUTH_SECRET', 'x'.repeat(31), 'must be a secret of at least 32 characters'],
    ['BETTER_AUTH_SECRET', 'better-auth-secret-12345678901234567890', 'must be a secret'],
    ['BETTER_AUTH_URL', 'app.example.com', 'must look like https://app.example.com'],
    ['BETTER_AUTH_URL', 'ftp://app.example.com', 'must look like https://app.example.com'],
    ['BETTER_AUTH_URL', 'https://app.example.com/?a=b', 'must be an address without a query'],
    ['JWKS_URL', 'https://ann:hunter2@app.example.com', 'without a user, a password or a fragment in it'],
    ['JWT_USER_ID_CLAIM', 'ключ', 'must be the name of a claim'],
    ['JWT_USER_ID_CLAIM', 'a"b', 'must be the name of a claim'],
    ['RATE_LIMIT_STORE', 'redis://user:100%@host', 'has a % at position 17 in the password that encodes no character'],
    ['RATE_LIMIT_STORE', 'redis://user:%ff@host', 'has a % at position 14 in the password that encodes no character'],
    ['RATE_LIMIT_STORE', 'redis://user:1?2@host', 'has a ? at position 15 in the password'],
    ['JWT_ISSUER', ',', 'must be one or more names, separated by commas'],
    ['JWT_CLOCK_TOLERANCE', '301', 'must be a whole number from 0 to 300'],
    ['TRUST_PROXY', 'yes', 'must be a whole number from 0 to 10'],
    ['TRUST_PROXY', '11', 'must be a whole number from 0 to 10'],
    ['DRAIN_DELAY', '301', 'must be a whole number from 0 to 300'],
    ['RATE_LIMIT', 'on', 'must be off, or a whole number from 1 to 1000000'],
    ['RATE_LIMIT', '0', 'must be off, or a whole number from 1 to 1000000'],
    ['RATE_LIMIT_FAILED_AUTH', 'off', 'must be a whole number from 1 to 1000000'],
    ['RATE_LIMIT_STORE', 'disk', 'must be memory, postgres, or like redis://'],
    ['RATE_LIMIT_STORE', 'redis://hunter2@/0', 'must be memory, postgres, or like redis://'],
    ['RATE_LIMIT_STORE', 'redis://cache/tasks', 'must be memory, postgres, or like redis://'],
    ['LOG_LEVEL', 'loud', 'must be one of trace, debug, info, warn, error, fatal, silent'],
  ])('refuses %s=%s', (variable, value, rule) => {
    const told = faults({ [variable]: value }).filter((fault) => fault.startsWith(variable));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(rule);
  });

  it('reports all errors at once, without secrets', () => {
    const told = faults({ ENVIRONMENT: 'production', PORT: 'x', LOG_LEVEL: 'x', BETTER_AUTH_SECRET: 'hunter2' });
    expect(told).toHaveLength(4);
    expect(told.join()).not.toContain('hunter2');
  });

  it('asks for nothing else while ENVIRONMENT is not understood', () => {
    for (const environment of ['prod', '"production"', 'production ']) {
      expect(faults({ ENVIRONMENT: environment })).toHaveLength(1);
    }
  });

  it('can turn rate limits off', () => {
    const off = readConfiguration({ RATE_LIMIT: 'off', RATE_LIMIT_STORE: 'postgres' });
    expect(off.rateLimits).toBeUndefined();
    expect(describeConfiguration(off)).toContainEqual(['RATE_LIMIT', 'off']);
  });

  it.each([
    'redis://cache',
    'redis://cache:6379/2',
    'rediss://ann:hunter2@cache:6380',
    'redis://:hunter2@[::1]:6379/0',
  ])('can count in %s, and does not show its password', (store) => {
    const configuration = readConfiguration({ RATE_LIMIT_STORE: store });
    expect(configuration.rateLimits?.store).toBe(store);
    const shown = Object.fromEntries(describeConfiguration(configuration)).RATE_LIMIT_STORE;
    expect(shown).toBe(store.replace(/(?<=\/\/).*@/, '********@'));
  });

  it('can be displayed with masked secrets', () => {
    const url = `${URL_OF_DATABASE}&password=hunter2`;
    const shown = describeConfiguration(readConfiguration({ DATABASE_URL: url, BETTER_AUTH_SECRET: SECRET }))
      .flat()
      .join(' ');
    expect(shown).toContain('postgresql://ann:********@db.example:5432/tasks');
    expect(shown).not.toMatch(/hunter2|kx8Vq2/);
    const keys = { BETTER_AUTH_URL: 'https://app.example.com', JWKS_URL: 'https://app.example.com/keys?key=hunter2' };
    const withKeys = Object.fromEntries(
      describeConfiguration(readConfiguration({ ...keys, BETTER_AUTH_SECRET: SECRET })),
    );
    expect(withKeys['JWKS_URL, JWKS']).toBe('https://app.example.com/keys?…');
    expect(withKeys.JWT_ISSUER).toBe('https://app.example.com; with the shared secret (any)');
  });
});
