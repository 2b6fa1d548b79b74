import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../infrastructure/postgres/connection/circuit-breaker.ts';

describe('a circuit breaker', () => {
  it('stays open until a probe succeeds, and reports each change once', async () => {
    const changes: string[] = [];
    let answers = false;
    let probes = 0;
    const breaker = new CircuitBreaker(
      async () => {
        probes += 1;
        if (!answers) throw new Error('no answer');
      },
      (state) => changes.push(state),
    );
    expect(breaker.isOpen).toBe(false);
    breaker.trip();
    breaker.trip();
    expect(breaker.isOpen).toBe(true);
    await expect.poll(() => probes).toBeGreaterThan(1);
    expect(breaker.isOpen).toBe(true);
    answers = true;
    await expect.poll(() => breaker.isOpen).toBe(false);
    expect(changes).toEqual(['open', 'closed']);
  });

  it('starts the next probe although the last one hangs', async () => {
    let probes = 0;
    const breaker = new CircuitBreaker(
      () => {
        probes += 1;
        return probes === 1 ? new Promise(() => {}) : Promise.resolve();
      },
      () => {},
    );
    breaker.trip();
    await expect.poll(() => breaker.isOpen).toBe(false);
    expect(probes).toBe(2);
  });

  it('does not open again once it is closed for good', () => {
    const breaker = new CircuitBreaker(
      async () => {},
      () => {},
    );
    breaker.close();
    breaker.trip();
    expect(breaker.isOpen).toBe(false);
  });
});
