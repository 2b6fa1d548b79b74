import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import jsonwebtoken from 'jsonwebtoken';
import { describe, expect } from 'vitest';
import { itWithCommandLine as it } from '../support/command-line-fixtures.ts';
import { SECRET, sender, tokenFor } from '../support/running-app.ts';
import { schemaBeforeRewrite } from '../support/schema-before-rewrite.ts';

describe('taskwell', () => {
  it('lists its commands', async ({ run }) => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const command of ['serve', 'migrate', 'token', 'seed', 'check', 'link-users', 'unlink-users', 'erase-user'])
      expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  });

  it('prints its version', async ({ run }) => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(await run(['--version'])).toMatchObject({ code: 0, out: `${version}\n` });
  });

  it.for<[args: string[], hint: RegExp]>([
    [['--prot', '1'], /unknown option '--prot'/],
    [['token', '--usr', 'ann'], /Did you mean --user\?/],
    [['serv'], /unknown command 'serv'\n\(Did you mean serve\?\)/],
    [['migrate', '--status', '--down', '1'], /'--status' cannot be used with option '--down/],
    [['token'], /option '--user <id>' is missing/],
    [['token', '--user', 'ann', '--expires', '1y'], /90s, 15m, 12h or 7d/],
    [['token', '--user', 'ann', '--expires', '31d'], /at most 30d/],
    [['migrate', '--down', 'all'], /positive whole number/],
    [['seed'], /option '--user <id>' is missing/],
    [['seed', '--user', 'ann', '--tasks', '0'], /positive whole number/],
    [['seed', '--user', 'ann', '--tasks', '10001'], /at most 10000/],
  ])('refuses %j with a hint', async ([args, hint], { run }) => {
    const { code, err } = await run(args);
    expect(code).not.toBe(0);
    expect(err).toMatch(hint);
    expect(err).toContain('--help');
  });

  it.for([
    'serve',
    'migrate',
    'token --user ann',
    'seed --user ann',
    'check',
    'link-users',
    'unlink-users',
    'erase-user ann',
  ])('ends %s with 78 if the configuration is not usable', async (command, { run }) => {
    const { code, err } = await run(command.split(' '), { PORT: 'x', LOG_LEVEL: 'loud' });
    expect(code).toBe(78);
    expect(err).toMatch(
      /^The configuration is not usable:\n {2}PORT must .*, but is "x"\n {2}LOG_LEVEL must .*, but is "loud"\n$/,
    );
  });
});

describe('taskwell token', () => {
  it('creates a token that is valid for 7 days, or for the given time', async ({ run }) => {
    const lifetime = async (...args: string[]) => {
      const { out } = await run(['token', '--user', 'ann', ...args]);
      const { sub, iat, exp } = jsonwebtoken.verify(out.trim(), SECRET) as { sub: string; iat: number; exp: number };
      expect(sub).toBe('ann');
      return exp - iat;
    };
    expect(await lifetime()).toBe(7 * 86_400);
    expect(await lifetime('--expires', '90s')).toBe(90);
    expect(await lifetime('--expires', '30d')).toBe(30 * 86_400);
  });

  it('refuses in production', async ({ run }) => {
    const { code, out, err } = await run(['token', '--user', 'ann'], { ENVIRONMENT: 'production' });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^In production, .*ENVIRONMENT/);
  });

  it('refuses an invalid user id', async ({ run }) => {
    expect(await run(['token', '--user', ''])).toMatchObject({ code: 1, err: 'user id must be 1 to 255 characters\n' });
  });
});

describe('the data folder', () => {
  it('is refused with an empty secret, with which anybody could sign', async ({ dataDir, run }) => {
    await writeFile(join(dataDir, 'better-auth-secret'), '');
    for (const command of [['token', '--user', 'ann'], ['serve']]) {
      const { code, err } = await run(command, { BETTER_AUTH_SECRET: '' });
      expect(code).toBe(1);
      expect(err).toMatch(/^.*better-auth-secret has no usable secret: delete it.*\n$/);
    }
  });

  it('may have a secret that an editor has saved with a line break', async ({ dataDir, run }) => {
    await writeFile(join(dataDir, 'better-auth-secret'), `${SECRET}\n`);
    const { out } = await run(['token', '--user', 'ann'], { BETTER_AUTH_SECRET: '' });
    expect(jsonwebtoken.verify(out.trim(), SECRET)).toMatchObject({ sub: 'ann' });
  });

  it('is refused in one line if it cannot be created', async ({ run }) => {
    for (const command of [['token', '--user', 'ann'], ['serve']]) {
      const { code, err } = await run(command, { BETTER_AUTH_SECRET: '', DATA_DIR: '/etc/hostname/x' });
      expect(code).toBe(1);
      expect(err).toMatch(/^The data folder \/etc\/hostname\/x is not usable \(ENOTDIR\): set DATA_DIR .*\n$/);
    }
  });
});

describe('taskwell migrate', () => {
  it('applies migrations, shows their status and reverts them', async ({ createDatabase, run }) => {
    const { url, ownerUrl } = await createDatabase({ bare: true });
    const runOnBare = (...args: string[]) => run(args, { DATABASE_URL: url, MIGRATION_DATABASE_URL: ownerUrl });
    expect((await runOnBare('migrate', '--status')).out).toMatch(/^0001_tasks {2}pending$/m);
    expect(await runOnBare('migrate')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^0001_tasks {2}applied$/m),
    });
    expect(await runOnBare('migrate')).toMatchObject({ code: 0, out: 'Nothing to do\n' });
    expect((await runOnBare('migrate', '--status')).out).toMatch(/^0001_tasks {2}applied \d{4}-/m);
    expect(await runOnBare('migrate', '--down', '1')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/ {2}reverted$/m),
    });
    expect((await runOnBare('check')).out).toMatch(/Schema: 1 pending/);
  });
});

describe('a migration that rewrites a table', () => {
  it('says what it rewrites and wants --allow-rewrite, also at a start', async ({ database, run }) => {
    await schemaBeforeRewrite(database.ownerUrl);
    await database.query(`insert into task_counters values ('ann', 1)`);
    const rewrite = /^ {2}0003_domains rewrites task_counters: 1 row, \d+ kB$/m;
    for (const command of ['migrate', 'serve']) {
      const { code, err } = await run([command]);
      expect(code).toBe(1);
      expect(err).toMatch(rewrite);
      expect(err).toMatch(/^Nothing was changed. Run taskwell migrate with --allow-rewrite at a quiet time$/m);
    }
    expect((await run(['check'])).out).toMatch(/Schema: \d pending; taskwell migrate --allow-rewrite applies them/);
    const { code, out } = await run(['migrate', '--allow-rewrite']);
    expect(code).toBe(0);
    expect(out).toMatch(rewrite);
    expect(out.search(rewrite)).toBeLessThan(out.indexOf('0003_domains  applied'));
  });
});

describe('output whose reader is gone', () => {
  const brokenPipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });

  it('ends a command at once', async ({ start }) => {
    const { stdout, exits, exitCode } = start(['check']);
    stdout.emit('error', brokenPipe);
    stdout.emit('error', brokenPipe);
    expect(exits).toEqual([1]);
    await exitCode;
  });

  it('stops a server as SIGTERM does, once for several errors', async ({ start }) => {
    const { stdout, exits, exitCode, said } = start([]);
    await said(/is ready at/);
    stdout.emit('error', brokenPipe);
    stdout.emit('error', brokenPipe);
    expect(await exitCode).toBe(0);
    expect(exits).toEqual([]);
  });

  it('is not confused with other errors of the output', async ({ start }) => {
    const { stdout, exitCode } = start(['check']);
    expect(() => stdout.emit('error', new Error('ENOSPC'))).toThrow('ENOSPC');
    await exitCode;
  });
});

describe('taskwell check', () => {
  it('prints the settings without secrets, and checks the database', async ({ database, run }) => {
    const { code, out } = await run(['check']);
    expect(code).toBe(0);
    expect(out).toMatch(/^ENVIRONMENT +dev {2}\[default\]$/m);
    expect(out).toMatch(/^PORT +0 {2}\[environment\]$/m);
    expect(out).toMatch(/^Database: .* answers as PostgreSQL \d+/m);
    expect(out).toMatch(/^Schema: up to date$/m);
    expect(out).not.toContain(SECRET);
    expect(out).not.toContain(new URL(database.url).password);
  });

  it.for(['check', 'serve', 'migrate'])(
    'reports an unreachable database in one line (%s)',
    async (command, { run }) => {
      const { code, err } = await run([command], {
        DATABASE_URL: 'postgresql://ann:hunter2@127.0.0.1:1/tasks',
        MIGRATION_DATABASE_URL: '',
      });
      expect(code).toBe(1);
      expect(err).toMatch(/^The database is out of reach \(.*ECONNREFUSED.*\): .*DATABASE_URL\n$/);
      expect(err).not.toContain('hunter2');
    },
  );
});

describe('settings in .env', () => {
  const content = 'ENVIROMENT=production\nBETTER_AUTH_SECRET=hunter2\nLOG_LEVEL=warn\n';
  const misspelt = 'ENVIROMENT in .* is not a setting: did you mean ENVIRONMENT\\?';
  const overridden = 'BETTER_AUTH_SECRET in .* has no effect: the environment sets another value';

  it('are shown by check with their source, and those without effect are told', async ({ envFile, run }) => {
    expect((await run(['check'])).out).toContain(`Settings of .env: none, there is no ${envFile}\n`);
    await writeFile(envFile, content);
    const { code, out, err } = await run(['check']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(new RegExp(`^Warning: ${misspelt}\nWarning: ${overridden}\nSettings of .env: ${envFile}\n`));
    expect(out).toMatch(/^LOG_LEVEL +warn {2}\[\.env\]$/m);
    expect(out).not.toContain('hunter2');
  });

  it('without effect are told by serve in its log, or before its refusal', async ({ envFile, start, run }) => {
    await writeFile(envFile, content);
    const { exitCode, signals, said, text } = start([]);
    await said(/is ready at/);
    signals.emit('SIGTERM');
    expect(await exitCode).toBe(0);
    const warnings = text.out.split('\n').filter((line) => line.includes('"a setting may not be what you expect"'));
    expect(warnings.join('\n')).toMatch(new RegExp(`${misspelt}.*\n.*${overridden}`));
    const refused = await run(['serve'], { PORT: 'x' });
    expect(refused.code).toBe(78);
    expect(refused.err).toMatch(new RegExp(`^Warning: ${misspelt}\nWarning: .*\nThe configuration is not usable:\n`));
  });

  it('without effect are told by other commands on the standard error', async ({ envFile, run }) => {
    await writeFile(envFile, content);
    const { code, out, err } = await run(['token', '--user', 'ann']);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^eyJ\S+\n$/) });
    expect(err).toMatch(new RegExp(`^Warning: ${misspelt}\nWarning: ${overridden}\n$`));
  });

  it('are refused in words if the file cannot be read', async ({ envFile, run }) => {
    await mkdir(envFile);
    for (const command of ['serve', 'check', 'token --user ann']) {
      const { code, err } = await run(command.split(' '));
      expect({ code, err }).toEqual({
        code: 78,
        err: `The configuration is not usable:\n  ${envFile} is not a file: replace it with a file of settings, or remove it\n`,
      });
    }
    expect((await run(['--help'])).code).toBe(0);
  });
});

describe('taskwell serve', () => {
  it('takes its port from --port, before any setting', async ({ start, run }) => {
    const { exitCode, signals, said } = start(['--port', '0'], { PORT: '1' });
    await said(/is ready at/);
    signals.emit('SIGTERM');
    expect(await exitCode).toBe(0);
    expect((await run(['serve', '--port', 'http'])).err).toContain('PORT must be a whole number from 0 to 65535');
  });

  it('serves, logs, and stops at SIGTERM', async ({ start }) => {
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
      'accepting origins',
      'ready',
      'request',
      'stopping',
      'stopped',
    ]);
    expect(logs.join()).not.toContain(token);
  });

  it('prints only its log in production, and listens on every address', async ({ start }) => {
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

  it('finishes requests in flight before it stops, refuses new ones and closes idle connections', async ({
    database,
    start,
  }) => {
    const { exitCode, signals, said } = start([], { DATABASE_TIMEOUT: '60' }); // it waits for a lock
    const [, url] = await said(/is ready at (\S+)/);
    const headers = { authorization: `Bearer ${tokenFor('ann')}`, 'content-type': 'application/json' };
    const send = sender(url!);
    await send('POST', '/api/ann/tasks', { headers, body: { title: 'Buy groceries' } });
    const lock = await database.holding('select 1 from tasks for update');
    const underWay = send('PATCH', '/api/ann/tasks/1/complete', { headers });
    await database.lockAwaited();
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

  it('ends at once at a signal before it is ready', async ({ start }) => {
    const { exitCode, signals, exits } = start([]);
    // Before it listens, a signal ends it anyway.
    await new Promise<void>((resolve) => signals.on('newListener', (of) => of === 'SIGTERM' && resolve()));
    signals.emit('SIGTERM');
    expect(exits).toEqual([0]);
    await exitCode;
  });

  it('ends at once at the second signal', async ({ start }) => {
    const { exitCode, signals, exits, said } = start([]);
    await said(/is ready at/);
    signals.emit('SIGINT');
    expect(exits).toEqual([]);
    signals.emit('SIGTERM');
    expect(exits).toEqual([1]);
    await exitCode;
  });

  it('treats the two SIGINTs of one Ctrl-C, of which npm sends the second, as one', async ({ start }) => {
    const { exitCode, signals, exits, said } = start([]);
    await said(/is ready at/);
    signals.emit('SIGINT');
    signals.emit('SIGINT');
    expect(await exitCode).toBe(0);
    expect(exits).toEqual([]);
  });

  it('treats two SIGINTs as two when time has passed between them', async ({ start }) => {
    const { exitCode, signals, clock, exits, said } = start([]);
    await said(/is ready at/);
    signals.emit('SIGINT');
    clock.advance(100);
    signals.emit('SIGINT');
    expect(exits).toEqual([1]);
    await exitCode;
  });

  it('reports in one line that its port is in use', async ({ run, onTestFinished }) => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const port = String((other.address() as { port: number }).port);
    const { code, err } = await run(['serve'], { PORT: port });
    expect(code).toBe(1);
    expect(err).toBe(`Port ${port} on 127.0.0.1 is in use: stop what listens there, or set PORT to another one\n`);
  });

  it('reports in one line that its host is not an address of this machine', async ({ run }) => {
    const { code, err } = await run(['serve'], { HOST: '192.0.2.1' });
    expect(code).toBe(1);
    expect(err).toMatch(/^192\.0\.2\.1 is not an address of this machine: set HOST/);
  });

  it('creates a secret once, readable only for its user, and says where', async ({ dataDir, start, run }) => {
    const secret = { BETTER_AUTH_SECRET: '' };
    const first = (await run(['token', '--user', 'ann'], secret)).out;
    const file = join(dataDir, 'better-auth-secret');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    jsonwebtoken.verify(first.trim(), await readFile(file, 'utf8'));
    const { exitCode, signals, said } = start([], secret);
    await said(/stored in .*better-auth-secret/);
    signals.emit('SIGTERM');
    expect(await exitCode).toBe(0);
    jsonwebtoken.verify((await run(['token', '--user', 'ann'], secret)).out.trim(), await readFile(file, 'utf8'));
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
