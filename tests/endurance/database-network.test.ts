import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { BOUNDS, expectKept, expectRefused, itWithFaultyDatabase as it } from '../support/faulty-database-fixtures.ts';

const USERS = Array.from({ length: 10 }, (_, n) => `user-${n}`);

describe('a network that is not down', () => {
  it('answers with a 503 in time on connections that are half open, then works', async ({ cluster, proxy, ledger }) => {
    await Promise.all(USERS.map((user) => ledger.create(user)));
    proxy.halfOpen();
    const first = await Promise.all(USERS.flatMap((user) => [ledger.create(user), ledger.list(user)]));
    expect(first.some(({ status }) => status === 503)).toBe(true);
    for (const answer of first) if (answer.status === 503) expectRefused(answer, BOUNDS.patience);
    expect(await ledger.recovery()).toBeLessThan(BOUNDS.recovery);
    const next = await Promise.all(USERS.flatMap((user) => [ledger.create(user), ledger.list(user)]));
    for (const { status } of next) expect([200, 201]).toContain(status);
    await expectKept(ledger, cluster);
  });

  it('answers in time a write that waited for its turn first', async ({ cluster, proxy, ledger }) => {
    await ledger.create('ann');
    proxy.latencyMs = 1_200; // so the first write takes 2.4 s, and the second one is sent then
    const writes = [ledger.create('ann'), ledger.create('ann')];
    await pause(3_000);
    await proxy.set('silent');
    const [first, second] = await Promise.all(writes);
    expect(first?.status).toBe(201);
    expectRefused(second!, BOUNDS.patience);
    Object.assign(proxy, { latencyMs: 0 });
    await proxy.set('pass');
    await ledger.recovery();
    await expectKept(ledger, cluster);
  });

  it('keeps what it says when connections are reset under load', async ({ cluster, proxy, server, ledger }) => {
    await Promise.all(USERS.map((user) => ledger.create(user)));
    let running = true;
    const writers = USERS.map(async (user) => {
      while (running) {
        const answer = await ledger.create(user);
        if (answer.status === 201) continue;
        expectRefused(answer, BOUNDS.patience);
        await pause(20);
      }
    });
    for (let round = 0; round < 12; round += 1) {
      await pause(600);
      proxy.reset();
    }
    running = false;
    await Promise.all(writers);
    expect(await ledger.recovery()).toBeLessThan(BOUNDS.recovery);
    expect(ledger.acknowledged.size).toBeGreaterThan(30);
    expect(ledger.unconfirmed.size + ledger.refused.size).toBeGreaterThan(0);
    await expectKept(ledger, cluster);
    expect(server.log()).not.toContain('internal_error');
  });

  it.for([
    { name: '300 ms of latency', latencyMs: 300, bytesPerSecond: undefined },
    { name: '20 kB a second', latencyMs: 0, bytesPerSecond: 20_000 },
  ])('is slow, but loses nothing, with $name', async ({ latencyMs, bytesPerSecond }, { cluster, proxy, ledger }) => {
    await Promise.all(USERS.map((user) => ledger.create(user)));
    Object.assign(proxy, { latencyMs, bytesPerSecond });
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all(USERS.flatMap((user) => [ledger.create(user), ledger.list(user)]));
      for (const { status, ms } of answers) {
        expect([200, 201]).toContain(status);
        expect(ms).toBeLessThan(BOUNDS.patience);
      }
    }
    await expectKept(ledger, cluster);
  });

  it('answers with a 503 in time when an answer is too long for the bandwidth', async ({ proxy, ledger }) => {
    for (let n = 0; n < 100; n += 1) await ledger.create('ann');
    proxy.bytesPerSecond = 500;
    expectRefused(await ledger.list('ann'), BOUNDS.patience);
    proxy.bytesPerSecond = undefined;
    expect(await ledger.recovery()).toBeLessThan(BOUNDS.recovery);
  });
});
