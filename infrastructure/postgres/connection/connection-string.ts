import type { ClientConfig } from 'pg';

/**
 * What pg needs to know of a connection string as hosts and specifications write it: `postgres://` and
 * `postgresql+asyncpg://` are understood, and asyncpg's `ssl=` for `sslmode=`.
 *
 * `sslmode=require` and `verify-ca` check the server's certificate as `verify-full` does; `no-verify` does not.
 *
 * @throws TypeError when it is no URL
 */
export function connectionSettings(connectionString: string): ClientConfig {
  const url = postgresUrl(connectionString);
  if (url === undefined) throw new TypeError('this is no connection string of PostgreSQL');
  const ssl = url.searchParams.get('ssl');
  if (ssl !== null) {
    url.searchParams.delete('ssl');
    if (!url.searchParams.has('sslmode')) url.searchParams.set('sslmode', ssl);
  }
  const mode = url.searchParams.get('sslmode');
  if (mode === 'require' || mode === 'verify-ca' || mode === 'true') url.searchParams.set('sslmode', 'verify-full');
  if (mode === 'allow' || mode === 'prefer' || mode === 'false') url.searchParams.set('sslmode', 'disable');
  const channelBinding = url.searchParams.get('channel_binding');
  url.searchParams.delete('channel_binding');
  return {
    connectionString: url.href,
    enableChannelBinding: channelBinding === 'require' || channelBinding === 'prefer',
    application_name: 'taskwell',
  };
}

/**
 * The address that goes to the database itself. Neon's pooled hosts are a PgBouncer in transaction mode, where a lock
 * of a session does not hold; the same name without `-pooler` is the database.
 */
export function directConnectionString(connectionString: string): string {
  return connectionString.replace(/-pooler(?=\.[^/@]*\.neon\.tech)/, '');
}

/** Host, port and database: what may be shown. */
export function addressOf(connectionString: string): string {
  const { hostname = '?', port, pathname } = postgresUrl(connectionString) ?? {};
  return `${hostname}:${port || '5432'}${pathname}`;
}

/** The whole of it without its passwords. */
export function masked(connectionString: string): string {
  const url = postgresUrl(connectionString);
  if (url === undefined) return '********';
  if (url.password !== '') url.password = '********';
  for (const name of url.searchParams.keys()) if (/password|key/i.test(name)) url.searchParams.set(name, '********');
  return url.href;
}

/** A connection string in any of its spellings as a URL; `undefined` when it is none. */
export function postgresUrl(connectionString: string): URL | undefined {
  const spelling = connectionString.replace(/^postgres(ql)?(\+\w+)?:\/\//, 'postgresql://');
  return spelling.startsWith('postgresql://') && URL.canParse(spelling) ? new URL(spelling) : undefined;
}
