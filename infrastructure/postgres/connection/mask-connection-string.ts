import { type ConnectionTarget, parseConnectionString } from './connection-target.ts';

const MASK = '********';

/**
 * A connection string as it may be displayed: user, host, port and database as they are understood, and those parameters
 * whose values are fixed words. If it cannot be parsed, nothing but its scheme and its length.
 */
export function maskConnectionString(connectionString: string): string {
  try {
    return format(parseConnectionString(connectionString));
  } catch {
    const [scheme = ''] = /^[a-z][a-z0-9+]{1,31}:\/\//i.exec(connectionString) ?? [];
    return `${scheme}… (${connectionString.length} characters)`;
  }
}

function format({ user, password, host, port, database, parameters }: ConnectionTarget): string {
  const credentials = `${encodeURIComponent(user)}${password === '' ? '' : `:${MASK}`}`;
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const isSocket = host.startsWith('/');
  const shown = isSocket ? [`host=${host}`, `port=${port}`] : [];
  let hidden = false;
  for (const [name, value] of parameters) {
    if (IN_ADDRESS.has(name)) continue;
    if (WORDS.has(value) && SHOWN.has(name)) shown.push(`${name}=${value}`);
    else if (SHOWN.has(name) || MASKED.has(name)) shown.push(`${name}=${MASK}`);
    else hidden = true;
  }
  if (hidden) shown.push('…'); // the name of an unknown parameter may be the rest of a password
  const query = shown.length === 0 ? '' : `?${shown.join('&')}`;
  return `postgresql://${credentials}@${isSocket ? '' : address}/${encodeURIComponent(database)}${query}`;
}

const IN_ADDRESS: ReadonlySet<string> = new Set(['user', 'password', 'host', 'port', 'dbname']);
const MASKED: ReadonlySet<string> = new Set([
  'options',
  'application_name',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslrootcert',
]);
const SHOWN: ReadonlySet<string> = new Set([
  'sslmode',
  'ssl',
  'sslnegotiation',
  'channel_binding',
  'target_session_attrs',
]);
const WORDS: ReadonlySet<string> = new Set([
  ...['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify', 'true', 'false', '1', '0'],
  ...['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby', 'postgres', 'direct', 'system'],
]);
