import { describe, expect, it, onTestFinished } from 'vitest';
import { Nginx, nginxIsInstalled } from './nginx.ts';
import { Instance, sendDuring } from './rolling-restart.ts';
import { RoundRobinProxy } from './round-robin-proxy.ts';
import { createTestDatabase } from './test-database.ts';

/** Longer than the proxy needs to notice that an instance drains. */
const DRAIN_DELAY = '1';

/** Two instances over one database. */
async function twoInstances(): Promise<readonly [Instance, Instance]> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const settings = { ...database.settings, DRAIN_DELAY };
  const instances = await Promise.all([Instance.start(settings), Instance.start(settings)]);
  onTestFinished(async () => void (await Promise.all(instances.map((instance) => instance.stop()))));
  return [instances[0]!, instances[1]!];
}

/** Restarts each instance, one after the other, so many times. */
async function restart(
  instances: readonly Instance[],
  times: number,
  inUse: (instance: Instance) => Promise<void> = async () => {},
): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    for (const instance of instances) {
      expect(await instance.stop()).toBe(0);
      await instance.start();
      await inUse(instance);
    }
  }
}

interface Load {
  /** The minimum of requests. */
  readonly count: number;
  /** How often each instance restarts. */
  readonly restarts: number;
}

/** Tests that no request is lost behind a load balancer that asks for `/ready`. */
export function itLosesNoRequest({ count, restarts }: Load): void {
  describe(`${restarts} restarts of each of two instances under load`, () => {
    it('lose no request behind a load balancer that asks for /ready', async () => {
      const instances = await twoInstances();
      const proxy = await RoundRobinProxy.before(instances.map(({ url }) => url));
      onTestFinished(() => proxy.stop());
      const inUse = ({ url }: Instance) => expect.poll(() => proxy.sendsTo(url)).toBe(true);
      for (const instance of instances) await inUse(instance);
      const restarting = restart(instances, restarts, inUse);
      const { failures, sent } = await sendDuring(restarting, { url: proxy.url, count, keepAlive: true });
      process.stdout.write(`${sent} requests over ${2 * restarts} restarts, ${failures.length} failed\n`);
      expect(failures).toEqual([]);
      expect(sent).toBeGreaterThanOrEqual(count);
    });
  });
}

/** Tests the same behind nginx, which does not ask for `/ready` and tries another instance when one refuses connections. */
export function itLosesNoRequestBehindNginx({ count, restarts }: Load): void {
  describe(`${restarts} restarts of each of two instances under load`, () => {
    if (!nginxIsInstalled) process.stdout.write('nginx is not installed: its tests are skipped\n');
    it.runIf(nginxIsInstalled).each([true, false])(
      'lose no request behind nginx with its defaults (keep-alive: %s)',
      async (keepAlive) => {
        const instances = await twoInstances();
        const nginx = await Nginx.before(
          instances.map(({ url }) => url),
          { keepAlive },
        );
        onTestFinished(() => nginx.stop());
        const restarting = restart(instances, restarts);
        const { failures, sent } = await sendDuring(restarting, { url: nginx.url, count, keepAlive });
        process.stdout.write(`${sent} requests over ${2 * restarts} restarts, ${failures.length} failed\n`);
        expect(failures, await nginx.errors()).toEqual([]);
        expect(sent).toBeGreaterThanOrEqual(count);
      },
    );
  });
}
