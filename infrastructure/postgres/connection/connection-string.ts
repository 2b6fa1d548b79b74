import type { ClientConfig } from 'pg';
import { parseConnectionString } from './connection-target.ts';

/**
 * pg's settings for a connection string. It accepts the schemes `postgres://` and `postgresql+asyncpg://`, and asyncpg's
 * `ssl=` in place of `sslmode=`.
 *
 * `sslmode=require` and `verify-ca` verify the server's certificate as `verify-full` does; `no-verify` does not.
 *
 * @param options more options of the server process, such as `-c timezone=UTC`
 * @throws ConnectionStringInvalid
 */
export function connectionSettings(connectionString: string, options = ''): ClientConfig {
  const { user, password, host, port, database, ssl, parameters } = parseConnectionString(connectionString);
  const allOptions = [parameters.get('options') ?? '', options].join(' ').trim();
  const channelBinding = parameters.get('channel_binding');
  return {
    user,
    password,
    host,
    port,
    database,
    ssl,
    ...(allOptions !== '' && { options: allOptions }),
    ...(parameters.get('sslnegotiation') === 'direct' && { sslnegotiation: 'direct' }),
    enableChannelBinding: channelBinding === 'require' || channelBinding === 'prefer',
    application_name: parameters.get('application_name') ?? 'taskwell',
  };
}

/**
 * The same connection string without a pooler. Neon's `-pooler` hosts are PgBouncer in transaction mode, which does not
 * keep session locks; the host without `-pooler` is the database itself.
 */
export function directConnectionString(connectionString: string): string {
  return connectionString.replace(/-pooler(?=\.[^/@]*\.neon\.tech)/, '');
}

/** The name of the role that a connection string signs in. @throws ConnectionStringInvalid */
export function connectionRole(connectionString: string): string {
  return parseConnectionString(connectionString).user;
}

/** The password of a connection string; '' if it has none. @throws ConnectionStringInvalid */
export function connectionPassword(connectionString: string): string {
  return parseConnectionString(connectionString).password;
}

/** Host, port and database. They contain no secret. @throws ConnectionStringInvalid */
export function databaseAddress(connectionString: string): string {
  const { host, port, database } = parseConnectionString(connectionString);
  return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}
