import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { KeySetUnavailable, Unauthenticated } from '../../application/application-errors.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import { UserId } from '../../domain/user-id.ts';
import { measuredRateLimits } from '../../infrastructure/metrics/measured-rate-limits.ts';
import { MeasuredTokenVerifier } from '../../infrastructure/metrics/measured-token-verifier.ts';
import { MergedMetrics } from '../../infrastructure/metrics/merged-metrics.ts';
import { PrometheusMetrics } from '../../infrastructure/metrics/prometheus-metrics.ts';
import { databaseErrorKind } from '../../infrastructure/postgres/connection/database-error-kind.ts';
import { databaseUnavailable } from '../../infrastructure/postgres/connection/database-errors.ts';
import { InMemoryRateLimits } from '../../infrastructure/rate-limits/in-memory-rate-limits.ts';
import { readMetrics, sumOf } from '../support/metrics-page.ts';
import { TickingClock } from '../support/ticking-clock.ts';

/** A worker that has answered so many requests, as its snapshot arrives in another process. */
async function workerWith(requests: number, waiting = 0) {
  const metrics = new PrometheusMetrics();
  metrics.watchDatabase(() => ({ open: 2, busy: 1, max: 10, waiting, queuedWrites: 2 }));
  for (let n = 0; n < requests; n += 1) {
    metrics.requestStarted();
    metrics.requestFinished({ contract: 'c', operation: 'o', status: 200, durationSeconds: 0.002 });
  }
  return async () => JSON.parse(JSON.stringify(await metrics.snapshot()));
}

const requestsOn = (page: string) => sumOf(page, 'taskwell_http_request_duration_seconds_count');

describe('the metrics of several workers', () => {
  it('add up on one page', async () => {
    const merged = new MergedMetrics(2);
    merged.update(1, await (await workerWith(3, 4))());
    merged.update(2, await (await workerWith(5, 1))());
    const page = await merged.page(new Set([1, 2]));
    expect(requestsOn(page)).toBe(8);
    const bucket = ['contract="c"', 'operation="o"', 'status="200"', 'le="0.0025"'];
    expect(sumOf(page, 'taskwell_http_request_duration_seconds_bucket', ...bucket)).toBe(8);
    expect(sumOf(page, 'taskwell_database_waiting_transactions')).toBe(5);
    expect(sumOf(page, 'taskwell_database_connections', 'state="busy"')).toBe(2);
    expect(sumOf(page, 'taskwell_workers')).toBe(2);
  });

  it('never count down: not when a worker is silent, not when it ends, not when its successor starts at 0', async () => {
    const merged = new MergedMetrics(2);
    merged.update(1, await (await workerWith(3, 4))());
    merged.update(2, await (await workerWith(5, 1))());
    const silent = await merged.page(new Set([2]));
    expect(requestsOn(silent)).toBe(8);
    expect(sumOf(silent, 'taskwell_database_waiting_transactions')).toBe(1);
    expect([sumOf(silent, 'taskwell_workers'), sumOf(silent, 'taskwell_workers_max')]).toEqual([1, 2]);
    merged.remove(1);
    expect(requestsOn(await merged.page(new Set([2])))).toBe(8);
    merged.update(3, await (await workerWith(1))());
    merged.remove(2);
    merged.remove(2);
    expect(requestsOn(await merged.page(new Set([3])))).toBe(9);
    expect(requestsOn(await merged.page(new Set()))).toBe(9);
  });

  it('show the worker that is worst off, and when the oldest one started', async () => {
    const merged = new MergedMetrics(2);
    const snapshot = await (await workerWith(1))();
    const withValue = (name: string, value: number) =>
      snapshot.map((metric: { name: string; values: object[] }) =>
        metric.name === name ? { ...metric, values: [{ value, labels: {} }] } : metric,
      );
    const delay = 'nodejs_eventloop_lag_p99_seconds';
    merged.update(1, withValue(delay, 3));
    merged.update(2, withValue(delay, 0.01));
    const page = await merged.page(new Set([1, 2]));
    expect(readMetrics(page).get(delay)).toBe(3);
    expect(readMetrics(page).get('process_start_time_seconds')).toBeGreaterThan(1_600_000_000);
  });
});

describe('what is measured', () => {
  it('is the outcome of each verification of a token', async () => {
    const metrics = new PrometheusMetrics();
    const verify: TokenVerifier['verify'] = async (token) => {
      if (token === 'bad') throw new Unauthenticated('no');
      if (token === 'later') throw new KeySetUnavailable('no keys', 1);
      return { user: UserId(token), expiresAtMs: 0 };
    };
    const verifier = new MeasuredTokenVerifier({ verify }, (outcome) => metrics.tokenVerified(outcome));
    expect((await verifier.verify('ann')).user).toBe('ann');
    await expect(verifier.verify('bad')).rejects.toThrow(Unauthenticated);
    await expect(verifier.verify('later')).rejects.toThrow(KeySetUnavailable);
    const page = await metrics.page();
    for (const outcome of ['accepted', 'refused', 'unavailable']) {
      expect(sumOf(page, 'taskwell_token_verifications_total', `outcome="${outcome}"`)).toBe(1);
    }
  });

  it('is the decision of each rate limit', async () => {
    const metrics = new PrometheusMetrics();
    const inner = new InMemoryRateLimits(new TickingClock()).limiter('user', { limit: 2, window: 60 });
    const limits = { user: inner, failedAuthentication: inner, signInNetwork: inner, signInEmail: inner };
    const { user: limiter } = measuredRateLimits(limits, (...decision) => metrics.rateLimitApplied(...decision));
    expect(limiter.rate).toEqual({ limit: 2, window: 60 });
    for (let n = 0; n < 5; n += 1) expect((await limiter.take('ann')).allowed).toBe(n < 2);
    const count = async (...labels: string[]) =>
      sumOf(await metrics.page(), 'taskwell_rate_limit_decisions_total', ...labels);
    expect(await count('limit="user"', 'decision="allowed"')).toBe(2);
    expect(await count('limit="user"', 'decision="refused"')).toBe(3);
    expect(await count('limit="failed-authentication"')).toBe(0);
  });

  it.each([
    ['08006', 'connection'],
    ['57P01', 'connection'],
    ['3D000', 'connection'],
    ['57014', 'timeout'],
    ['55P03', 'timeout'],
    ['22012', 'timeout'],
    ['40P01', 'conflict'],
    ['53300', 'resources'],
    ['23503', 'constraint'],
    ['42703', 'other'],
  ])('is the kind of an error of the database: %s is %s', (code, kind) => {
    expect(databaseErrorKind(Object.assign(new pg.DatabaseError('x', 1, 'error'), { code }))).toBe(kind);
  });

  it.each([
    [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'connection'],
    [new Error('Connection terminated unexpectedly'), 'connection'],
    [new Error('timeout expired'), 'timeout'],
    [databaseUnavailable(), 'timeout'],
    [Object.assign(new Error('read'), { code: 'ETIMEDOUT' }), 'timeout'],
    [new TypeError('timeout is not a function'), 'other'],
    ['text', 'other'],
  ])('is the kind of an error of the connection: %s is %s', (error, kind) => {
    expect(databaseErrorKind(error)).toBe(kind);
  });

  it('is how many writes wait for earlier ones, and whether the database is known not to answer', async () => {
    const metrics = new PrometheusMetrics();
    metrics.watchDatabase(() => ({ open: 2, busy: 1, max: 10, waiting: 1, queuedWrites: 7 }));
    const value = async (name: string) => readMetrics(await metrics.page()).get(name);
    expect([await value('taskwell_database_queued_writes'), await value('taskwell_database_breaker_open')]).toEqual([
      7, 0,
    ]);
    metrics.breakerChanged('open');
    expect(await value('taskwell_database_breaker_open')).toBe(1);
    metrics.breakerChanged('closed');
    expect(await value('taskwell_database_breaker_open')).toBe(0);
  });

  it('is there before it happens for the first time, so that the first time shows', async () => {
    const page = await new PrometheusMetrics().page();
    expect(page).toContain('taskwell_database_errors_total{kind="connection"} 0');
    expect(page).toContain('taskwell_token_verifications_total{outcome="refused"} 0');
    expect(page).toContain('taskwell_rate_limit_decisions_total{limit="user",decision="refused"} 0');
  });
});
