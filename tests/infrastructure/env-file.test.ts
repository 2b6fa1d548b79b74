import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it as base, describe, expect } from 'vitest';
import { ConfigurationInvalid, SETTING_NAMES } from '../../interfaces/composition/configuration/configuration.ts';
import { describeSource, loadSettings } from '../../interfaces/composition/configuration/load-settings.ts';
import { folderForTest } from '../support/folder-for-test.ts';

/**
 * - `path`: where a `.env` file may be
 * - `load` writes the file, if it gets its content, and loads the settings
 */
const it = base
  .extend('folder', folderForTest)
  .extend('path', ({ folder }) => join(folder, '.env'))
  .extend('load', ({ path }) => (content?: string | Buffer, env: Record<string, string | undefined> = {}) => {
    if (content !== undefined) writeFileSync(path, content);
    const loaded = loadSettings(env, path);
    return { ...loaded, env, warnings: loaded.warnings.map((warning) => warning.replaceAll(path, '.env')) };
  });

function refusal(load: () => unknown): string {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigurationInvalid) return error.message;
    throw error;
  }
  return '(accepted)';
}

describe('the file .env', () => {
  it('may be missing, empty or /dev/null', ({ load, path }) => {
    expect(load()).toMatchObject({ env: {}, file: undefined, warnings: [] });
    expect(load('')).toMatchObject({ env: {}, file: path, warnings: [] });
    expect(loadSettings({}, '/dev/null').warnings).toEqual([]);
    expect(loadSettings({}).warnings).toEqual([]);
  });

  it.for<[about: string, content: string]>([
    ['a byte order mark', '\uFEFFENVIRONMENT=production\nPORT=9000\n'],
    ['CRLF', 'ENVIRONMENT=production\r\nPORT=9000\r\n'],
    ['CR', 'ENVIRONMENT=production\rPORT=9000'],
    ['quotes', `ENVIRONMENT="production"\nPORT='9000'`],
    ['export', 'export ENVIRONMENT=production\n  export PORT=9000'],
    ['white space', 'ENVIRONMENT = production  \t\n\tPORT=9000 \n'],
    ['comments', '# first\nENVIRONMENT=production # not dev\n\nPORT="9000" # or so\n'],
  ])('may have %s', ([, content], { load }) => {
    const { env, warnings } = load(content);
    expect({ env, warnings }).toEqual({ env: { ENVIRONMENT: 'production', PORT: '9000' }, warnings: [] });
  });

  it('may have a value of several lines', ({ load }) => {
    const { env, warnings } = load(`JWKS='{\n  "keys": [\n  ]\n}' # none\nPORT=9000\n`);
    expect({ env, warnings }).toEqual({ env: { JWKS: '{\n  "keys": [\n  ]\n}', PORT: '9000' }, warnings: [] });
  });

  it('sets nothing but settings', ({ load }) => {
    const { env, warnings } = load('PGSSLMODE=disable\nNODE_OPTIONS=--inspect\nPOSTGRES_PASSWORD=x\nPORT=9000\n');
    expect({ env, warnings }).toEqual({ env: { PORT: '9000' }, warnings: [] });
  });

  it.for<[about: string, content: Buffer, reason: string]>([
    ['UTF-16 LE', Buffer.from('\uFEFFENVIRONMENT=production', 'utf16le'), 'is UTF-16'],
    ['UTF-16 BE', Buffer.from('\uFEFFENVIRONMENT=production', 'utf16le').swap16(), 'is UTF-16'],
    ['UTF-16 without a mark', Buffer.from('ENVIRONMENT=production', 'utf16le'), 'is UTF-16'],
    ['Latin 1', Buffer.from('PORT=9000\n# sp\xe4ter\nHOST=x', 'latin1'), 'has a byte in line 2 that is not UTF-8'],
    ['Latin 1 in its last line', Buffer.from('PORT=9000\nHOST=\xe4', 'latin1'), 'has a byte in line 2'],
    ['300 kB', Buffer.alloc(300_000, 'PORT=9000\n'), 'has 300000 bytes; a file of settings has at most 262144'],
  ])('is refused if it is %s', ([, content, reason], { load, path }) => {
    expect(refusal(() => load(content))).toContain(`${path} ${reason}`);
  });

  it('is refused in words if it cannot be read', ({ load, path }) => {
    mkdirSync(path);
    expect(refusal(() => load())).toBe(`${path} is not a file: replace it with a file of settings, or remove it`);
  });

  it('is refused in words if it links to itself', ({ load, path }) => {
    symlinkSync(path, path);
    expect(refusal(() => load())).toBe(`${path} cannot be read (ELOOP): grant the right to read it, or remove it`);
  });
});

describe('a setting', () => {
  it('of the environment takes precedence, and the file says so', ({ load }) => {
    const { env, fromFile, warnings } = load('ENVIRONMENT=production\nPORT=9000\nHOST=::1\n', {
      ENVIRONMENT: 'dev',
      PORT: '9000',
    });
    expect(env).toEqual({ ENVIRONMENT: 'dev', PORT: '9000', HOST: '::1' });
    expect([...fromFile]).toEqual(['HOST']);
    expect(warnings).toEqual(['ENVIRONMENT in .env has no effect: the environment sets another value']);
  });

  it('that is blank in the environment does not hide the file', ({ load }) => {
    const { env, warnings } = load('ENVIRONMENT=production\nPORT=9000\nHOST=\n', {
      ENVIRONMENT: '',
      PORT: ' ',
      HOST: '',
    });
    expect(env).toEqual({ ENVIRONMENT: 'production', PORT: '9000', HOST: '' });
    expect(warnings).toEqual([
      'ENVIRONMENT is blank in the environment, which counts as not set: the value in .env is used',
      'PORT is blank in the environment, which counts as not set: the value in .env is used',
    ]);
  });

  it.for<[content: string, warning: string]>([
    ['ENVIROMENT=production', 'ENVIROMENT in .env is not a setting: did you mean ENVIRONMENT?'],
    ['environment=production', 'environment in .env is not a setting: did you mean ENVIRONMENT?'],
    ['DATABSE_URL=postgresql://ann:hunter2@db/x', 'DATABSE_URL in .env is not a setting: did you mean DATABASE_URL?'],
    ['CORS_ORIGIN=*', 'CORS_ORIGIN in .env is not a setting: did you mean CORS_ORIGINS?'],
    ['CONTRACT=003-backend-api', 'CONTRACT in .env is not a setting: did you mean API_CONTRACT?'],
    ['PORTT=1', 'PORTT in .env is not a setting: did you mean PORT?'],
    ['PORT=1\nset ENVIRONMENT=hunter2', '.env, line 2 is ignored: it is not of the form NAME=value'],
    ['$env:ENVIRONMENT="hunter2"', '.env, line 1 is ignored: it is not of the form NAME=value'],
    ['ENVIRONMENT production', '.env, line 1 is ignored: it is not of the form NAME=value'],
    [
      'HOST="::1\nENVIRONMENT=production\n"\nPORT=1',
      '.env, line 2 does not set ENVIRONMENT: a quote that opens above it is not closed',
    ],
    ['ENVIRONMENT=production\n\nENVIRONMENT=dev', '.env, line 1 has no effect: line 3 sets ENVIRONMENT again'],
    ['ENVIRONMENT=production\nENVIRONMENT=', '.env, line 1 has no effect: line 2 sets ENVIRONMENT again'],
    [
      'BETTER_AUTH_SECRET=hunter2#hunter2',
      '.env, line 1 cuts BETTER_AUTH_SECRET off at the #: put the value in quotes',
    ],
    ['BETTER_AUTH_SECRET=#hunter2', '.env, line 1 cuts BETTER_AUTH_SECRET off at the #: put the value in quotes'],
  ])('that has no effect is told: %s', ([content, warning], { load }) => {
    const { warnings } = load(content);
    expect(warnings).toContain(warning);
    expect(warnings.join()).not.toContain('hunter2');
  });

  it('that is misspelt in the environment is told, and variables of other programs are not', () => {
    expect(loadSettings({ ENVIROMENT: 'production' }).warnings).toEqual([
      'ENVIROMENT in the environment is not a setting: did you mean ENVIRONMENT?',
    ]);
    const others = { HOME: '/', HOSTNAME: 'x', PATH: '/', PWD: '/', SHELL: 'x', USER: 'x', LANG: 'C', NODE_ENV: 'x' };
    const more = { LOGNAME: 'x', XDG_DATA_DIRS: 'x', npm_config_port: '1', DATABSE_URL: '' };
    expect(loadSettings({ ...others, ...more }).warnings).toEqual([]);
  });

  it('of libpq is removed and told, because pg reads it for every connection', () => {
    const environment: Record<string, string> = { PGSSLMODE: 'disable', PGOPTIONS: '-c x=y', PG_COLOR: 'auto' };
    const { warnings } = loadSettings(environment);
    expect(environment).toEqual({ PG_COLOR: 'auto' });
    expect(warnings.map((warning) => warning.split(' ')[0])).toEqual(['PGSSLMODE', 'PGOPTIONS']);
  });

  it('is told to be dev if only NODE_ENV says production', () => {
    expect(loadSettings({ NODE_ENV: 'production' }).warnings).toEqual([
      'NODE_ENV is production, but ENVIRONMENT is not set, so the rules of dev apply: set ENVIRONMENT',
    ]);
    expect(loadSettings({ NODE_ENV: 'production', ENVIRONMENT: 'staging' }).warnings).toEqual([]);
  });

  it('has a source', ({ load }) => {
    const loaded = load('JWKS=x\nPORT=1', { HOST: 'x', WORKERS: '' });
    const source = (names: string) => describeSource(names, loaded.env, loaded);
    expect(['PORT', 'HOST', 'WORKERS', 'DATA_DIR', 'JWKS_URL, JWKS'].map(source)).toEqual([
      '.env',
      'environment',
      'default',
      'default',
      '.env',
    ]);
  });

  it('has a name that no other setting resembles', () => {
    expect(SETTING_NAMES).toContain('DATABASE_URL');
    expect(loadSettings(Object.fromEntries(SETTING_NAMES.map((name) => [name, 'x']))).warnings).toEqual([]);
  });
});
