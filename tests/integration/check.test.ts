import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { describe, expect } from 'vitest';
import { itWithCommandLine } from '../support/command-line-fixtures.ts';
import { HAS_REDIS, TestRedis } from '../support/redis-for-tests.ts';

const it = itWithCommandLine
  /** A server of another program. It accepts connections and never answers. */
  .extend('silent', async ({ onTestFinished }) => {
    const server = createServer((socket) => void onTestFinished(() => void socket.destroy())).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    return { server, port: portOf(server) };
  })
  .extend('redis', async ({ onTestFinished }) => {
    const redis = await TestRedis.start();
    onTestFinished(() => redis.kill());
    return redis;
  });

describe('the address in taskwell check', () => {
  it('is free, or not an address of this machine', async ({ run }) => {
    const free = await run(['check']);
    expect(free).toMatchObject({ code: 0, out: expect.stringMatching(/^Address: 127\.0\.0\.1:0, free$/m) });
    for (const HOST of ['192.0.2.1', 'nonsense.invalid']) {
      const { code, out, err } = await run(['check'], { HOST });
      expect(code).toBe(1);
      expect(out).toMatch(/^Address: .*, not available$/m);
      expect(out).toMatch(/^Schema: up to date$/m); // one fault does not hide the rest
      expect(err).toBe(`${HOST} is not an address of this machine: set HOST to one, such as 127.0.0.1 or 0.0.0.0\n`);
    }
  });

  it('may be in use by a running Taskwell', async ({ start, run }) => {
    const { exitCode, signals, said } = start([]);
    const [, port = ''] = await said(/is ready at http:\/\/127\.0\.0\.1:(\d+)/);
    const about = new RegExp(`^Address: 127\\.0\\.0\\.1:${port}, in use by a running Taskwell \\d+\\.\\d+`, 'm');
    // What does not answer within a second is another program, also on a busy machine.
    await expect
      .poll(() => run(['check'], { PORT: port }), { timeout: 60_000 })
      .toMatchObject({ code: 0, err: '', out: expect.stringMatching(about) });
    signals.emit('SIGTERM');
    await exitCode;
  });

  it('is a fault if another program uses it', async ({ silent, run }) => {
    const { code, out, err } = await run(['check'], { PORT: String(silent.port) });
    expect(code).toBe(1);
    expect(out).toMatch(/^Address: .*, not available$/m);
    expect(err).toMatch(/^Port \d+ on 127\.0\.0\.1 is in use: .* PORT .*\n$/);
  });
});

describe('Redis in taskwell check', () => {
  it.skipIf(!HAS_REDIS)('answers', async ({ redis, run }) => {
    const { code, out, err } = await run(['check'], { RATE_LIMIT_STORE: redis.url });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(`\nRedis: ${redis.url}, answers\n`);
  });

  it('is out of reach, which is told without its password', async ({ run }) => {
    const { code, out, err } = await run(['check'], { RATE_LIMIT_STORE: 'redis://ann:hunter2@127.0.0.1:1' });
    expect(code).toBe(1);
    expect(out).toContain('\nRedis: redis://********@127.0.0.1:1, does not answer\n');
    expect(out).toMatch(/^Schema: up to date$/m);
    expect(err).toMatch(/^The Redis server redis:\/\/\*{8}@127\.0\.0\.1:1 is .*ECONNREFUSED.*: start Redis, or .*\n$/);
    expect(out + err).not.toContain('hunter2');
  });

  it('is given 3 s to answer', async ({ silent, run }) => {
    const startedAtMs = performance.now();
    const { code, err } = await run(['check'], { RATE_LIMIT_STORE: `redis://127.0.0.1:${silent.port}` });
    expect(code).toBe(1);
    expect(err).toContain('is out of reach (no answer within 3 s)');
    expect(performance.now() - startedAtMs).toBeLessThan(20_000);
  });

  it('is not asked if requests are not limited, or are counted elsewhere', async ({ run }) => {
    for (const settings of [{ RATE_LIMIT: 'off', RATE_LIMIT_STORE: 'redis://127.0.0.1:1' }, {}]) {
      const { code, out } = await run(['check'], settings);
      expect(code).toBe(0);
      expect(out).not.toContain('Redis:');
    }
  });
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
