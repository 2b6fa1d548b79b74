import type { ClientConfig } from 'pg';

/**
 * pg's settings for a connection string. It accepts the schemes `postgres://` and `postgresql+asyncpg://`, and asyncpg's
 * `ssl=` in place of `sslmode=`.
 *
 * `sslmode=require` and `verify-ca` verify the server's certificate as `verify-full` does; `no-verify` does not.
 *
 * @param options more options of the server process, such as `-c timezone=UTC`
 * @throws TypeError if it is not a PostgreSQL URL
 */
export function connectionSettings(connectionString: string, options = ''): ClientConfig {
  const url = parsePostgresUrl(connectionString);
  if (url === undefined) throw new TypeError('Not a PostgreSQL connection string');
  const ssl = url.searchParams.get('ssl');
  if (ssl !== null) {
    url.searchParams.delete('ssl');
    if (!url.searchParams.has('sslmode')) url.searchParams.set('sslmode', ssl);
  }
  const mode = url.searchParams.get('sslmode');
  if (mode === 'require' || mode === 'verify-ca' || mode === 'true') url.searchParams.set('sslmode', 'verify-full');
  if (mode === 'allow' || mode === 'prefer' || mode === 'false') url.searchParams.set('sslmode', 'disable');
  if (options !== '') {
    url.searchParams.set('options', [url.searchParams.get('options') ?? '', options].join(' ').trim());
  }
  const channelBinding = url.searchParams.get('channel_binding');
  url.searchParams.delete('channel_binding');
  return {
    connectionString: url.href,
    enableChannelBinding: channelBinding === 'require' || channelBinding === 'prefer',
    application_name: 'taskwell',
  };
}

/**
 * The same connection string without a pooler. Neon's `-pooler` hosts are PgBouncer in transaction mode, which does not
 * keep session locks; the host without `-pooler` is the database itself.
 */
export function directConnectionString(connectionString: string): string {
  return connectionString.replace(/-pooler(?=\.[^/@]*\.neon\.tech)/, '');
}

/** The name of the role that a connection string signs in; '' if it names none. */
export function connectionRole(connectionString: string): string {
  return decodeURIComponent(parsePostgresUrl(connectionString)?.username ?? '');
}

/** The password of a connection string; '' if it has none. */
export function connectionPassword(connectionString: string): string {
  return decodeURIComponent(parsePostgresUrl(connectionString)?.password ?? '');
}

/** Host, port and database. They contain no secret. */
export function databaseAddress(connectionString: string): string {
  const { hostname = '?', port, pathname } = parsePostgresUrl(connectionString) ?? {};
  return `${hostname}:${port || '5432'}${pathname}`;
}

/** The connection string with its passwords and keys masked. */
export function maskConnectionString(connectionString: string): string {
  const url = parsePostgresUrl(connectionString);
  if (url === undefined) return '********';
  if (url.password !== '') url.password = '********';
  for (const name of url.searchParams.keys()) if (/password|key/i.test(name)) url.searchParams.set(name, '********');
  return url.href;
}

/** A connection string of any accepted scheme as a URL; `undefined` if it is not one. */
export function parsePostgresUrl(connectionString: string): URL | undefined {
  const normalized = connectionString.replace(/^postgres(ql)?(\+\w+)?:\/\//, 'postgresql://');
  return normalized.startsWith('postgresql://') && URL.canParse(normalized) ? new URL(normalized) : undefined;
}
