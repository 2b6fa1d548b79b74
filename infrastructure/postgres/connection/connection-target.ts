import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { ClientConfig } from 'pg';
import { parse, toClientConfig } from 'pg-connection-string';
import { errorCode } from '../../error-code.ts';
import { ConnectionStringInvalid } from './connection-string-invalid.ts';
import { splitConnectionString } from './connection-string-parts.ts';

/** What a connection string means: every part is decoded, and what it leaves out has libpq's default. */
export interface ConnectionTarget {
  readonly user: string;
  /** '' if there is none. */
  readonly password: string;
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly ssl: NonNullable<ClientConfig['ssl']>;
  /** The parameters of the query as they were written. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Parses a connection string with pg's own parser, after a check by libpq's rules. Without a user, it is the user of this
 * process; without a database, the one that is named like the user; without a host, `localhost`.
 *
 * @throws ConnectionStringInvalid
 */
export function parseConnectionString(text: string): ConnectionTarget {
  const parts = splitConnectionString(text);
  const { parameters } = parts;
  const query = new URLSearchParams(tlsParameters(parameters));
  for (const name of ['user', 'password', 'host', 'port']) {
    const value = parameters.get(name);
    if (value !== undefined) query.set(name, value);
  }
  const credentials = `${parts.user}:${parts.password}`;
  const parsed = parseWithPg(
    `postgresql://${credentials}@${parts.host || 'localhost'}:${parts.port || '5432'}/?${query}`,
    parameters,
  );
  const { host = 'localhost', port = 5432, ssl = false } = parsed;
  const user = parsed.user || processUser();
  const database = parameters.get('dbname') ?? decodeURIComponent(parts.database);
  return { user, password: readText(parsed.password), host, port, database: database || user, ssl, parameters };
}

function parseWithPg(url: string, parameters: ReadonlyMap<string, string>): ClientConfig {
  try {
    const config = toClientConfig(parse(url));
    const passphrase = parameters.get('sslpassword');
    return passphrase !== undefined && typeof config.ssl === 'object'
      ? { ...config, ssl: { ...config.ssl, passphrase } }
      : config;
  } catch {
    throw new ConnectionStringInvalid('has a host that is neither a name nor an address');
  }
}

const TLS_FILES = ['sslrootcert', 'sslcert', 'sslkey'] as const;

/**
 * `sslmode` in the meaning of this server: whatever asks for TLS verifies the certificate, and `no-verify` does not. `ssl`
 * is asyncpg's name for it. `sslrootcert=system` means the roots that are known anyway.
 */
function tlsParameters(parameters: ReadonlyMap<string, string>): Record<string, string> {
  const query: Record<string, string> = {};
  const given = parameters.get('sslmode') ?? parameters.get('ssl');
  const mode = given === undefined ? undefined : TLS_MODES[given];
  if (given !== undefined && mode === undefined) {
    throw new ConnectionStringInvalid(
      'has an sslmode that is none of disable, allow, prefer, require, verify-ca, verify-full, no-verify',
    );
  }
  const usesSystemRoots = parameters.get('sslrootcert') === 'system';
  if (mode !== undefined) query.sslmode = mode;
  else if (usesSystemRoots) query.sslmode = 'verify-full';
  for (const name of TLS_FILES) {
    const path = parameters.get(name);
    if (!path || path === 'system') continue;
    refuseUnreadable(name, path);
    query[name] = path;
  }
  const negotiation = parameters.get('sslnegotiation');
  if (negotiation === 'direct' && query.sslmode === 'disable') {
    throw new ConnectionStringInvalid('has sslnegotiation=direct, which needs sslmode=require');
  }
  if (negotiation === 'direct') query.sslmode ??= 'verify-full';
  return query;
}

/** pg's parser reads the files, but its error does not always tell which one. */
function refuseUnreadable(name: string, path: string): void {
  try {
    readFileSync(path);
  } catch (error) {
    throw new ConnectionStringInvalid(`names a file in ${name} that cannot be read (${errorCode(error) ?? 'unknown'})`);
  }
}

const TLS_MODES: Readonly<Record<string, string>> = {
  disable: 'disable',
  allow: 'disable',
  prefer: 'disable',
  require: 'verify-full',
  'verify-ca': 'verify-full',
  'verify-full': 'verify-full',
  'no-verify': 'no-verify',
  true: 'verify-full',
  '1': 'verify-full',
  false: 'disable',
  '0': 'disable',
};

/** The name of the user that this process runs as, which is libpq's default. */
function processUser(): string {
  try {
    return userInfo().username;
  } catch {
    throw new ConnectionStringInvalid(
      'names no user, and the user of this process has no name: add user@ before the host',
    );
  }
}

function readText(value: ClientConfig['password']): string {
  return typeof value === 'string' ? value : '';
}
