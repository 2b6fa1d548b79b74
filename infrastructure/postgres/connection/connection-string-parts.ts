import { findEncodingFault } from '../../url-encoding.ts';
import { ConnectionStringInvalid } from './connection-string-invalid.ts';

/** A connection string as libpq splits it. Only the parameters are decoded. */
export interface ConnectionStringParts {
  readonly user: string;
  readonly password: string;
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Splits a connection string by libpq's rules (PostgreSQL, "Connection URIs"). It is stricter in one point: `@`, `/`, `?`
 * and `#` in a user name or a password must be percent-encoded, because parsers disagree about them.
 *
 * @throws ConnectionStringInvalid
 */
export function splitConnectionString(text: string): ConnectionStringParts {
  const confusion = CONFUSIONS.find(([pattern]) => pattern.test(text));
  if (confusion !== undefined) throw new ConnectionStringInvalid(confusion[1]);
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]{0,31}):\/\//i.exec(text) ?? [];
  if (!/^postgres(ql)?(\+\w+)?$/i.test(scheme)) {
    throw new ConnectionStringInvalid(
      scheme === '' ? 'is not a URL' : `begins with ${scheme}:// instead of postgresql://`,
    );
  }
  const fault = findEncodingFault(text);
  if (fault !== undefined) throw new ConnectionStringInvalid(fault);
  const { user = '', password = '', host = '', port = '', database = '', query = '' } = SHAPE.exec(text)?.groups ?? {};
  const parts = { user, password, host, port, database, parameters: parseParameters(query) };
  checkAddress([host, parts.parameters.get('host') ?? ''], [port, parts.parameters.get('port') ?? '']);
  return parts;
}

/** What people paste in place of a URL. */
const CONFUSIONS: readonly (readonly [RegExp, string])[] = [
  [/^\s*psql\s/, 'begins with the command psql: keep only the URL between the quotes'],
  [
    /^\s*(export\s+)?\w+\s*=\s*["'`]?postgres(ql)?:/i,
    'begins with the name of a variable: keep only the URL after the =',
  ],
  [/^\s*["'`“”‘’]|["'`“”‘’]\s*$/, 'has a quote at its start or its end: remove it'],
  [/^\s|\s$/, 'has white space around it: remove it'],
  [/^jdbc:/i, 'begins with jdbc:, which is for Java: remove it'],
  [/^\w+\s*=/, 'is a list of key=value pairs: write it as a URL'],
];

/** After the check of the encoding, the only `@` ends the credentials. */
const SHAPE =
  /^[^:]+:\/\/(?:(?<user>[^:@]*)(?::(?<password>[^@]*))?@)?(?<host>\[[^\]]*\]|[^:/?]*)(?::(?<port>[^/?]*))?(?:\/(?<database>[^?]*))?(?:\?(?<query>.*))?$/;

/** In libpq, unlike in forms, a plus sign is a plus sign. `options` is the exception: JavaScript writes its spaces so. */
function parseParameters(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&').filter(Boolean)) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
    if (name === '') throw new ConnectionStringInvalid('has a parameter without a value: write an & in a value as %26');
    const text = name === 'options' ? value.replaceAll('+', ' ') : value;
    parameters.set(decodeURIComponent(name), decodeURIComponent(text));
  }
  for (const [name, remedy] of Object.entries(UNSUPPORTED)) {
    if (parameters.has(name)) {
      throw new ConnectionStringInvalid(`has the parameter ${name}, which is not supported: ${remedy}`);
    }
  }
  return parameters;
}

const UNSUPPORTED: Readonly<Record<string, string>> = {
  service: 'write host, port, user, password and database in the URL',
  servicefile: 'write host, port, user, password and database in the URL',
  passfile: 'write the password in the URL',
  hostaddr: 'write the address as the host',
  requiressl: 'write sslmode=require',
};

function checkAddress(hosts: readonly string[], ports: readonly string[]): void {
  if ([...hosts, ...ports].some((part) => part.includes(','))) {
    throw new ConnectionStringInvalid(
      'names several hosts, which is not supported: name the primary, or an address that follows it',
    );
  }
  if (hosts.some((host) => host.startsWith('[') && !host.endsWith(']'))) {
    throw new ConnectionStringInvalid('has an IPv6 address without its closing ]');
  }
  if (!ports.every((port) => port === '' || isPort(port))) {
    throw new ConnectionStringInvalid(
      'has a port that is not a number from 1 to 65535; if it is a part of the password, an @ is missing after it',
    );
  }
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}
