import { userInfo } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  connectionPassword,
  connectionRole,
  connectionSettings,
  databaseAddress,
  directConnectionString,
} from '../../infrastructure/postgres/connection/connection-string.ts';
import { ConnectionStringInvalid } from '../../infrastructure/postgres/connection/connection-string-invalid.ts';
import { maskConnectionString } from '../../infrastructure/postgres/connection/mask-connection-string.ts';
import {
  ConfigurationInvalid,
  describeConfiguration,
  readConfiguration,
} from '../../interfaces/composition/configuration/configuration.ts';

const ME = userInfo().username;

function refusal(connectionString: string): string {
  try {
    connectionSettings(connectionString);
  } catch (error) {
    if (error instanceof ConnectionStringInvalid) return error.message;
    throw error;
  }
  return '(accepted)';
}

/** All that an operator is shown of settings: their faults, or what `taskwell check` prints. */
function shown(settings: Record<string, string>): string {
  try {
    return describeConfiguration(readConfiguration(settings)).flat().join('\n');
  } catch (error) {
    if (error instanceof ConfigurationInvalid) return error.message;
    throw error;
  }
}

describe('a connection string', () => {
  it.each([
    ['postgres://ann@db/tasks', { user: 'ann', password: '', host: 'db', port: 5432, database: 'tasks', ssl: false }],
    ['postgresql://ann:x@db:6543/tasks', { password: 'x', port: 6543 }],
    ['postgresql+asyncpg://ann@db/tasks?ssl=require', { host: 'db', ssl: {} }],
    ['postgresql://ann@db/tasks?sslmode=require', { ssl: {} }],
    ['postgresql://ann@db/tasks?sslmode=no-verify', { ssl: { rejectUnauthorized: false } }],
    ['postgresql://ann@db/tasks?sslmode=prefer', { ssl: false }],
    ['postgresql://ann@db/tasks?sslmode=require&sslrootcert=system', { ssl: {} }],
    ['postgresql://ann@db/tasks?sslmode=require&sslpassword=x', { ssl: { passphrase: 'x' } }],
    ['postgresql://ann@db/tasks?sslnegotiation=direct', { ssl: {}, sslnegotiation: 'direct' }],
    ['postgresql:///tasks?host=/var/run/postgresql', { user: ME, host: '/var/run/postgresql', database: 'tasks' }],
    ['postgresql://ann@/tasks?host=/tmp&port=6543', { user: 'ann', host: '/tmp', port: 6543 }],
    ['postgresql://ann:x@%2Ftmp/tasks', { host: '/tmp' }],
    ['postgresql://ann:x@[::1]:6543/tasks', { host: '::1', port: 6543 }],
    ['postgresql://db/tasks', { user: ME }],
    ['postgresql://', { user: ME, host: 'localhost', database: ME }],
    ['postgresql://ann:@db', { user: 'ann', password: '', database: 'ann' }],
    [
      'postgresql://db/tasks?user=ann&password=x%26y+z&dbname=other',
      { user: 'ann', password: 'x&y+z', database: 'other' },
    ],
    ['postgresql://ann@db/my%2Ftasks%23%40', { database: 'my/tasks#@' }],
    ['postgresql://ann:a:b%2525@db/tasks', { password: 'a:b%25' }],
    ['postgresql://ann@db/tasks?options=-c%20geqo%3Doff', { options: '-c geqo=off -c timezone=UTC' }],
    ['postgresql://ann@db/tasks?options=-c+geqo%3Doff', { options: '-c geqo=off -c timezone=UTC' }],
    ['postgresql://ann@db/tasks?application_name=todo&pgbouncer=true', { application_name: 'todo' }],
  ])('is understood as libpq does: %s', (given, meant) => {
    expect(connectionSettings(given, '-c timezone=UTC')).toMatchObject(meant);
  });

  it('passes nothing to pg that it does not know', () => {
    const settings = connectionSettings('postgresql://ann@db/tasks?stream=x&statement_timeout=1&__proto__=x');
    expect(Object.keys(settings).sort()).toEqual(
      ['application_name', 'database', 'enableChannelBinding', 'host', 'password', 'port', 'ssl', 'user'].sort(),
    );
  });

  it.each([
    ['postgresql://ann:hunter2%dd@db/x', 'has a % at position 25 in the password that encodes no character'],
    ['postgresql://ann:hunter2%@db/x', 'has a % at position 25 in the password that encodes no character'],
    ['postgresql://ann:hunter2%00@db/x', 'has a % at position 25'],
    [
      'postgresql://ann:p@hunter2@db/x',
      'has an @ at position 19 in the password that is not percent-encoded: write %40',
    ],
    [
      'postgresql://a@n:hunter2@db/x',
      'has an @ at position 15 in the user name that is not percent-encoded: write %40',
    ],
    [
      'postgresql://ann:12/hunter2@db/x',
      'has a / at position 20 in the password that is not percent-encoded: write %2F',
    ],
    [
      'postgresql://ann:12?hunter2@db/x',
      'has a ? at position 20 in the password that is not percent-encoded: write %3F',
    ],
    [
      'postgresql://ann:12#hunter2@db/x',
      'has a # at position 20 in the password that is not percent-encoded: write %23',
    ],
    ['postgresql://ann:1 hunter2@db/x', 'has a space at position 19 in the password that is not percent-encoded'],
    ['postgresql://ann:1\thunter2@db/x', 'has a blank or control character at position 19'],
    ['postgresql://db/x?password=p@hunter2', 'has an @ at position 29 that is not percent-encoded: write %40'],
    ['postgresql://db/x?password=p&hunter2', 'has a parameter without a value: write an & in a value as %26'],
    ['postgresql://ann:hunter2@h1,h2/x', 'names several hosts'],
    ['postgresql://ann:hunter2@h1:1,h2:2/x', 'names several hosts'],
    ['postgresql:///x?host=h1,h2&password=hunter2', 'names several hosts'],
    ['postgresql://ann:hunter2@[::1/x', 'has an IPv6 address without its closing ]'],
    ['postgresql://ann:hunter2', 'has a port that is not a number from 1 to 65535; if it is a part of the password'],
    ['postgresql://ann:hunter2@db:0/x', 'has a port that is not a number'],
    ['postgresql:///x?port=65536&password=hunter2', 'has a port that is not a number'],
    ['postgresql://ann:hunter2@d<b/x', 'has a host that is neither a name nor an address'],
    ['postgresql://ann:hunter2@db/x?sslmode=on', 'has an sslmode that is none of disable, allow, prefer, require'],
    ['postgresql://ann:hunter2@db/x?sslrootcert=/hunter2', 'names a file in sslrootcert that cannot be read (ENOENT)'],
    ['postgresql://ann:hunter2@db/x?sslkey=/tmp', 'names a file in sslkey that cannot be read (EISDIR)'],
    [
      'postgresql://db/x?sslmode=disable&sslnegotiation=direct',
      'has sslnegotiation=direct, which needs sslmode=require',
    ],
    ['postgresql://db/x?service=hunter2', 'has the parameter service, which is not supported: write host,'],
    ["psql 'postgresql://ann:hunter2@db/x'", 'begins with the command psql: keep only the URL between the quotes'],
    ['"postgresql://ann:hunter2@db/x"', 'has a quote at its start or its end: remove it'],
    ['postgresql://ann:hunter2@db/x\n', 'has white space around it: remove it'],
    ['DATABASE_URL=postgresql://ann:hunter2@db/x', 'begins with the name of a variable: keep only the URL after the ='],
    ['host=db user=ann password=hunter2', 'is a list of key=value pairs: write it as a URL'],
    ['jdbc:postgresql://db/x?password=hunter2', 'begins with jdbc:, which is for Java: remove it'],
    ['mysql://ann:hunter2@db/x', 'begins with mysql:// instead of postgresql://'],
    ['ann:hunter2@db/x', 'is not a URL'],
  ])('is refused with its cause, without secrets: %s', (given, reason) => {
    expect(refusal(given)).toContain(reason);
    expect(refusal(given)).not.toContain('hunter2');
    expect(maskConnectionString(given)).toMatch(/^(\w+:\/\/)?… \(\d+ characters\)$/);
  });

  it('of Neon requires channel binding', () => {
    const neon =
      'postgresql://ann:x@ep-cool-1-pooler.eu-central-1.aws.neon.tech/tasks?sslmode=require&channel_binding=require';
    expect(connectionSettings(neon)).toMatchObject({ enableChannelBinding: true, ssl: {} });
    expect(connectionSettings('postgresql://db/tasks').enableChannelBinding).toBe(false);
  });

  it('connects migrations directly for Neon, and for no other pooler', () => {
    expect(directConnectionString('postgresql://a:b@ep-cool-1-pooler.eu.aws.neon.tech/t')).toBe(
      'postgresql://a:b@ep-cool-1.eu.aws.neon.tech/t',
    );
    expect(directConnectionString('postgresql://a:b@my-pooler.example/t')).toBe('postgresql://a:b@my-pooler.example/t');
  });

  it('has a role, a password and an address', () => {
    const url = 'postgresql+asyncpg://a%40n:hunter%2F2@[::1]/tasks';
    expect(connectionRole(url)).toBe('a@n');
    expect(connectionPassword(url)).toBe('hunter/2');
    expect(databaseAddress(url)).toBe('[::1]:5432/tasks');
  });

  it('is displayed as it is understood', () => {
    expect(maskConnectionString('postgres://a%40n:x@db?sslmode=require&options=-c%20a%3Db&pass=x')).toBe(
      'postgresql://a%40n:********@db:5432/a%40n?sslmode=require&options=********&…',
    );
    expect(maskConnectionString('postgres:///x?user=ann&password=x&host=/tmp')).toBe(
      'postgresql://ann:********@/x?host=/tmp&port=5432',
    );
  });
});

describe('a password of any characters', () => {
  const odd = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.string({ unit: fc.constantFrom(...`@:/?#%&=+ ,;'"\\[]`) }),
  );
  /** Whatever is between the two words, neither may be shown. */
  const passwords = odd.map((characters) => `hunter2${characters}hunter2`);
  const places: readonly ((password: string) => string)[] = [
    (password) => `postgresql://ann:${password}@db.example:5432/tasks?sslmode=require`,
    (password) => `postgres://:${password}@db`,
    ...['password', 'pass', 'passwd', 'pwd', 'sslpassword', 'token', 'options', 'PASSWORD', 'application_name'].flatMap(
      (name) => [
        (password: string) => `postgresql://ann@db/tasks?${name}=${password}`,
        (password: string) => `postgresql://ann:x@db/tasks?sslmode=require&${name}=${password}&connect_timeout=5`,
      ],
    ),
    (password) => `host=db password=${password}`,
    (password) => `psql 'postgresql://ann:${password}@db/tasks'`,
  ];
  const stores: readonly ((password: string) => string)[] = [
    (password) => `redis://ann:${password}@cache:6379/0`,
    (password) => `rediss://:${password}@cache`,
    (password) => `redis://cache?password=${password}`,
  ];

  it('arrives at pg if it is percent-encoded', () => {
    fc.assert(
      fc.property(passwords, (password) => {
        fc.pre(!password.includes('\0'));
        const encoded = encodeURIComponent(password);
        expect(connectionSettings(`postgresql://ann:${encoded}@db/tasks`)).toMatchObject({ password, host: 'db' });
        expect(connectionPassword(`postgresql://db/tasks?password=${encoded}`)).toBe(password);
      }),
    );
  });

  it('is never shown, in whatever place it stands, encoded or not', () => {
    fc.assert(
      fc.property(passwords, fc.constantFrom(...places), fc.boolean(), (password, place, encode) => {
        const url = place(encode ? encodeURIComponent(password) : password);
        expect(shown({ DATABASE_URL: url, MIGRATION_DATABASE_URL: url })).not.toContain('hunter2');
        expect(maskConnectionString(url)).not.toContain('hunter2');
      }),
      { numRuns: 2_000 },
    );
  });

  it('is never shown in the URL of Redis', () => {
    fc.assert(
      fc.property(passwords, fc.constantFrom(...stores), fc.boolean(), (password, place, encode) => {
        const url = place(encode ? encodeURIComponent(password) : password);
        expect(shown({ RATE_LIMIT_STORE: url })).not.toContain('hunter2');
      }),
      { numRuns: 500 },
    );
  });
});
