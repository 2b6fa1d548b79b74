import { EventEmitter, once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import jsonwebtoken from 'jsonwebtoken';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../interfaces/cli/command-line.ts';
import { SECRET, sender, tokenFor } from '../support/running-app.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { TickingClock } from '../support/ticking-clock.ts';

let test: TestDatabase;
let dataDir: string;
beforeEach(async () => {
  test = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'taskwell-cli-'));
});
afterEach(async () => {
  await test.drop();
  await rm(dataDir, { recursive: true, force: true });
});

/** The command line within this process, with ends of its own. */
function start(args: string[], env: Record<string, string> = {}) {
  const [stdout, stderr, signals] = [new PassThrough(), new PassThrough(), new EventEmitter()];
  const text = { out: '', err: '' };
  stdout.on('data', (chunk) => {
    text.out += chunk;
  });
  stderr.on('data', (chunk) => {
    text.err += chunk;
  });
  const exits: number[] = [];
  const settings = { DATABASE_URL: test.url, BETTER_AUTH_SECRET: SECRET, PORT: '0', DATA_DIR: dataDir, ...env };
  const clock = new TickingClock();
  const exitCode = run(args, { env: settings, stdout, stderr, signals, clock, exit: (code) => exits.push(code) });
  const said = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(text.out);
      if (match !== null) return match;
      await Promise.race([
        once(stdout, 'data'),
        exitCode.then((code) => Promise.reject(new Error(`ended with ${code}: ${text.err}`))),
      ]);
    }
  };
  return { text, exitCode, stdout, signals, clock, exits, said };
}

/** Runs it to its end. */
async function ran(args: string[], env: Record<string, string> = {}) {
  const { text, exitCode } = start(args, env);
  return { code: await exitCode, ...text };
}

describe('taskwell', () => {
  it('tells what it can do', async () => {
    const { code, out } = await ran(['--help']);
    expect(code).toBe(0);
    for (const command of ['serve', 'migrate', 'token', 'check', 'link-users', 'unlink-users', 'erase-user'])
      expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  });

  it('tells its version', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(await ran(['--version'])).toMatchObject({ code: 0, out: `${version}\n` });
  });

  it.each([
    [['--prot', '1'], /unknown option '--prot'/],
    [['token', '--usr', 'ann'], /Did you mean --user\?/],
    [['serv'], /unknown command 'serv'\n\(Did you mean serve\?\)/],
    [['migrate', '--status', '--down', '1'], /'--status' cannot be used with option '--down/],
    [['token'], /option '--user <id>' is missing/],
    [['token', '--user', 'ann', '--expires', '1y'], /90s, 15m, 12h or 7d/],
    [['token', '--user', 'ann', '--expires', '31d'], /at most 30d/],
    [['migrate', '--down', 'all'], /positive whole number/],
  ])('refuses %j with a hint', async (args, hint) => {
    const { code, err } = await ran(args);
    expect(code).not.toBe(0);
    expect(err).toMatch(hint);
    expect(err).toContain('--help');
  });

  it.each(['serve', 'migrate', 'token --user ann', 'check', 'link-users', 'unlink-users', 'erase-user ann'])(
    'ends %s with 78 where the configuration is not usable',
    async (command) => {
      const { code, err } = await ran(command.split(' '), { PORT: 'x', LOG_LEVEL: 'loud' });
      expect(code).toBe(78);
      expect(err).toMatch(/^The configuration is not usable:\n {2}PORT must .*\n {2}LOG_LEVEL must .*\n$/);
    },
  );
});

describe('taskwell token', () => {
  it('mints a token that holds for 7 days, or for as long as is said', async () => {
    const lifetime = async (...args: string[]) => {
      const { out } = await ran(['token', '--user', 'ann', ...args]);
      const { sub, iat, exp } = jsonwebtoken.verify(out.trim(), SECRET) as { sub: string; iat: number; exp: number };
      expect(sub).toBe('ann');
      return exp - iat;
    };
    expect(await lifetime()).toBe(7 * 86_400);
    expect(await lifetime('--expires', '90s')).toBe(90);
    expect(await lifetime('--expires', '30d')).toBe(30 * 86_400);
  });

  it('refuses in production', async () => {
    const { code, out, err } = await ran(['token', '--user', 'ann'], { ENVIRONMENT: 'production' });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^In production, .*ENVIRONMENT/);
  });

  it('refuses what is no user id', async () => {
    expect(await ran(['token', '--user', ''])).toMatchObject({ code: 1, err: 'user id must be 1 to 255 characters\n' });
  });
});

describe('the data folder', () => {
  it('with an empty secret in it is refused: anybody could sign', async () => {
    await writeFile(join(dataDir, 'better-auth-secret'), '');
    for (const command of [['token', '--user', 'ann'], ['serve']]) {
      const { code, err } = await ran(command, { BETTER_AUTH_SECRET: '' });
      expect(code).toBe(1);
      expect(err).toMatch(/^.*better-auth-secret holds no usable secret: delete it.*\n$/);
    }
  });

  it('that cannot be one is refused in one line', async () => {
    for (const command of [['token', '--user', 'ann'], ['serve']]) {
      const { code, err } = await ran(command, { BETTER_AUTH_SECRET: '', DATA_DIR: '/etc/hostname/x' });
      expect(code).toBe(1);
      expect(err).toMatch(/^The data folder \/etc\/hostname\/x is not usable \(ENOTDIR\): set DATA_DIR .*\n$/);
    }
  });
});

describe('taskwell migrate', () => {
  it('applies, tells and takes back', async () => {
    await test.drop();
    test = await createTestDatabase({ bare: true });
    expect((await ran(['migrate', '--status'])).out).toMatch(/^0001_tasks {2}pending$/m);
    expect(await ran(['migrate'])).toMatchObject({ code: 0, out: expect.stringMatching(/^0001_tasks {2}applied$/m) });
    expect(await ran(['migrate'])).toMatchObject({ code: 0, out: 'Nothing to do\n' });
    expect((await ran(['migrate', '--status'])).out).toMatch(/^0001_tasks {2}applied \d{4}-/m);
    expect(await ran(['migrate', '--down', '1'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/ {2}reverted$/m),
    });
    expect((await ran(['check'])).out).toMatch(/Schema: 1 pending/);
  });
});

describe('output that nobody reads any more', () => {
  const brokenPipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });

  it('ends a command at once', async () => {
    const { stdout, exits, exitCode } = start(['check']);
    stdout.emit('error', brokenPipe);
    stdout.emit('error', brokenPipe);
    expect(exits).toEqual([1]);
    await exitCode;
  });

  it('ends a server as SIGTERM does, once however often it is told', async () => {
    const { stdout, exits, exitCode, said } = start([]);
    await said(/is ready at/);
    stdout.emit('error', brokenPipe);
    stdout.emit('error', brokenPipe);
    expect(await exitCode).toBe(0);
    expect(exits).toEqual([]);
  });

  it('is no other fault of the output', async () => {
    const { stdout, exitCode } = start(['check']);
    expect(() => stdout.emit('error', new Error('ENOSPC'))).toThrow('ENOSPC');
    await exitCode;
  });
});

describe('taskwell check', () => {
  it('prints what is in force, without secrets, and finds the database', async () => {
    const { code, out } = await ran(['check']);
    expect(code).toBe(0);
    expect(out).toMatch(/^ENVIRONMENT +dev$/m);
    expect(out).toMatch(/^Database: .* answers as PostgreSQL \d+/m);
    expect(out).toMatch(/^Schema: up to date$/m);
    expect(out).not.toContain(SECRET);
    expect(out).not.toContain(new URL(test.url).password);
  });

  it.each(['check', 'serve', 'migrate'])('says in one line that the database cannot be had (%s)', async (command) => {
    const { code, err } = await ran([command], { DATABASE_URL: 'postgresql://ann:hunter2@127.0.0.1:1/tasks' });
    expect(code).toBe(1);
    expect(err).toMatch(/^The database is out of reach \(.*ECONNREFUSED.*\): .*DATABASE_URL\n$/);
    expect(err).not.toContain('hunter2');
  });
});

describe('taskwell serve', () => {
  it('serves, logs, and stops when it is told to', async () => {
    const { text, exitCode, signals, said } = start([]);
    const [, url] = await said(/is ready at (\S+)/);
    expect(text.out).toContain('007-fastapi-backend');
    const [, token, curled] = await said(/curl -H 'Authorization: Bearer (\S+)' (\S+)/);
    const answer = await sender('')('GET', curled!, { headers: { authorization: `Bearer ${token}` } });
    expect(answer).toMatchObject({ status: 200, body: { tasks: [], count: 0 } });
    signals.emit('SIGTERM');
    expect(await exitCode).toBe(0);
    expect(text.err).toBe('');
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    const logs = text.out.split('\n').filter((line) => line.startsWith('{'));
    expect(logs.map((line) => JSON.parse(line).msg)).toEqual([
      'accepting tokens',
      'ready',
      'request',
      'stopping',
      'stopped',
    ]);
    expect(logs.join()).not.toContain(token);
  });

  it('prints nothing but its log in production, on every address', async () => {
    const { text, exitCode, signals, said } = start(['serve'], { ENVIRONMENT: 'production', DRAIN_DELAY: '0' });
    const [, port] = await said(/"url":"http:\/\/0\.0\.0\.0:(\d+)"/);
    expect((await sender(`http://127.0.0.1:${port}`)('GET', '/health')).body.environment).toBe('production');
    signals.emit('SIGINT');
    expect(await exitCode).toBe(0);
    expect(
      text.out
        .trim()
        .split('\n')
        .every((line) => line.startsWith('{')),
    ).toBe(true);
    expect(text.out).not.toContain('eyJ');
  });

  it('lets a request under way finish before it stops, takes no other, and hangs up on who asks for nothing', async () => {
    const { exitCode, signals, said } = start([]);
    const [, url] = await said(/is ready at (\S+)/);
    const headers = { authorization: `Bearer ${tokenFor('ann')}`, 'content-type': 'application/json' };
    const send = sender(url!);
    await send('POST', '/api/ann/tasks', { headers, body: { title: 'Buy groceries' } });
    const lock = await test.holding('select 1 from tasks for update');
    const underWay = send('PATCH', '/api/ann/tasks/1/complete', { headers });
    await test.lockAwaited();
    const silent = connect(Number(new URL(url!).port), '127.0.0.1');
    await once(silent, 'connect');
    await fetch(`${url}/health`); // by then the server knows of the silent one, too
    const hungUp = once(silent, 'close');
    signals.emit('SIGTERM');
    await said(/"msg":"stopping"/);
    await hungUp;
    await expect(refused(url!)).resolves.toBe(true);
    await lock.query('commit');
    await lock.end();
    expect(await underWay).toMatchObject({ status: 200, body: { completed: true } });
    expect(await exitCode).toBe(0);
  });

  it('ends at once when it is told to before it is ready', async () => {
    const { exitCode, signals, exits } = start([]);
    // Before it listens, a signal ends it anyway.
    await new Promise<void>((resolve) => signals.on('newListener', (of) => of === 'SIGTERM' && resolve()));
    signals.emit('SIGTERM');
    expect(exits).toEqual([0]);
    await exitCode;
  });

  it('ends at once at the second signal', async () => {
    const { exitCode, signals, exits, said } = start([]);
    await said(/is ready at/);
    signals.emit('SIGINT');
    expect(exits).toEqual([]);
    signals.emit('SIGTERM');
    expect(exits).toEqual([1]);
    await exitCode;
  });

  it('takes the two SIGINTs of one Ctrl-C, of which npm sends the second, for one', async () => {
    const { exitCode, signals, exits, said } = start([]);
    await said(/is ready at/);
    signals.emit('SIGINT');
    signals.emit('SIGINT');
    expect(await exitCode).toBe(0);
    expect(exits).toEqual([]);
  });

  it('takes two SIGINTs for two when time has passed between them', async () => {
    const { exitCode, signals, clock, exits, said } = start([]);
    await said(/is ready at/);
    signals.emit('SIGINT');
    clock.advance(100);
    signals.emit('SIGINT');
    expect(exits).toEqual([1]);
    await exitCode;
  });

  it('says in one line that its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const port = String((other.address() as { port: number }).port);
    const { code, err } = await ran(['serve'], { PORT: port });
    expect(code).toBe(1);
    expect(err).toBe(`Port ${port} on 127.0.0.1 is in use: stop what listens there, or set PORT to another one\n`);
  });

  it('says in one line that its host is no address of this machine', async () => {
    const { code, err } = await ran(['serve'], { HOST: '192.0.2.1' });
    expect(code).toBe(1);
    expect(err).toMatch(/^192\.0\.2\.1 is not an address of this machine: set HOST/);
  });

  it('makes a secret once, keeps it to itself, and says so', async () => {
    const secret = { BETTER_AUTH_SECRET: '' };
    const first = (await ran(['token', '--user', 'ann'], secret)).out;
    const file = join(dataDir, 'better-auth-secret');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    jsonwebtoken.verify(first.trim(), await readFile(file, 'utf8'));
    const { exitCode, signals, said } = start([], secret);
    await said(/kept in .*better-auth-secret/);
    signals.emit('SIGTERM');
    expect(await exitCode).toBe(0);
    jsonwebtoken.verify((await ran(['token', '--user', 'ann'], secret)).out.trim(), await readFile(file, 'utf8'));
  });
});

/** Whether a new connection is refused, as it is once the server has begun to stop. */
async function refused(url: string): Promise<boolean> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const answered = await fetch(`${url}/health`, { headers: { connection: 'close' } }).then(
      () => true,
      () => false,
    );
    if (!answered) return true;
  }
  return false;
}
