import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RateLimits } from '../../application/ports/rate-limiter.ts';
import { DATABASE_ERROR_KINDS, type DatabaseErrorKind } from '../postgres/connection/database-error-kind.ts';
import type { DatabaseUsage } from '../postgres/connection/database-usage.ts';
import type { MetricsSnapshot } from './merged-metrics.ts';

/** Most answers take about a millisecond; a statement is given up after seconds. */
const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const TOKEN_OUTCOMES = ['accepted', 'refused', 'unavailable'] as const;
export type TokenOutcome = (typeof TOKEN_OUTCOMES)[number];

/** The names of the limits, as in the log and in the header `RateLimit-Policy`. */
const LIMITS: Readonly<Record<keyof RateLimits, string>> = {
  user: 'user',
  failedAuthentication: 'failed-authentication',
  signInNetwork: 'sign-in-network',
  signInEmail: 'sign-in-email',
};
const DECISIONS = ['allowed', 'refused'] as const;

/**
 * What one process measures, in Prometheus' terms. docs/metrics.md describes each metric. The values of every label come
 * from the source code, so that no request can add a time series.
 */
export class PrometheusMetrics {
  private readonly registry = new Registry();

  private readonly duration = new Histogram({
    name: 'taskwell_http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its response, by contract, operation and status.',
    labelNames: ['contract', 'operation', 'status'] as const,
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [this.registry],
  });
  private readonly inFlight = new Gauge({
    name: 'taskwell_http_requests_in_flight',
    help: 'Requests whose response has not ended.',
    registers: [this.registry],
  });
  private readonly tokens = new Counter({
    name: 'taskwell_token_verifications_total',
    help: 'Verified tokens, by outcome.',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  });
  private readonly rateLimits = new Counter({
    name: 'taskwell_rate_limit_decisions_total',
    help: 'Requests that were counted against a rate limit, by limit and decision.',
    labelNames: ['limit', 'decision'] as const,
    registers: [this.registry],
  });
  private readonly databaseErrors = new Counter({
    name: 'taskwell_database_errors_total',
    help: 'Transactions that failed, by the kind of the error.',
    labelNames: ['kind'] as const,
    registers: [this.registry],
  });

  private readonly breakerOpen = new Gauge({
    name: 'taskwell_database_breaker_open',
    help: '1 while requests that need the database are refused because it does not answer.',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    // A counter that starts at 0 shows its first event as an increase.
    for (const outcome of TOKEN_OUTCOMES) this.tokens.inc({ outcome }, 0);
    for (const limit of Object.values(LIMITS)) {
      for (const decision of DECISIONS) this.rateLimits.inc({ limit, decision }, 0);
    }
    for (const kind of DATABASE_ERROR_KINDS) this.databaseErrors.inc({ kind }, 0);
  }

  requestStarted(): void {
    this.inFlight.inc();
  }

  requestFinished({ contract, operation, status, durationSeconds }: FinishedRequest): void {
    this.inFlight.dec();
    this.duration.observe({ contract, operation, status }, durationSeconds);
  }

  tokenVerified(outcome: TokenOutcome): void {
    this.tokens.inc({ outcome });
  }

  rateLimitApplied(limit: keyof RateLimits, allowed: boolean): void {
    this.rateLimits.inc({ limit: LIMITS[limit], decision: allowed ? 'allowed' : 'refused' });
  }

  databaseFailed(kind: DatabaseErrorKind): void {
    this.databaseErrors.inc({ kind });
  }

  breakerChanged(state: 'open' | 'closed'): void {
    this.breakerOpen.set(state === 'open' ? 1 : 0);
  }

  /** Reports the number of open event streams. It is read whenever the metrics are. */
  watchStreams(open: () => number): void {
    new Gauge({
      name: 'taskwell_event_streams',
      help: 'Open streams of events about changes.',
      registers: [this.registry],
      collect() {
        this.set(open());
      },
    });
  }

  /** Reports the use of a database. It is read whenever the metrics are. */
  watchDatabase(usage: () => DatabaseUsage): void {
    const registers = [this.registry];
    new Gauge({
      name: 'taskwell_database_connections',
      help: 'Open connections to the database, by state.',
      labelNames: ['state'] as const,
      registers,
      collect() {
        const { open, busy } = usage();
        this.set({ state: 'busy' }, busy);
        this.set({ state: 'idle' }, open - busy);
      },
    });
    new Gauge({
      name: 'taskwell_database_connections_max',
      help: 'The most connections that may be open.',
      registers,
      collect() {
        this.set(usage().max);
      },
    });
    new Gauge({
      name: 'taskwell_database_waiting_transactions',
      help: 'Transactions that wait for an answer from the database, or for a connection.',
      registers,
      collect() {
        this.set(usage().waiting);
      },
    });
    new Gauge({
      name: 'taskwell_database_queued_writes',
      help: 'Writes that wait for earlier writes of the same user.',
      registers,
      collect() {
        this.set(usage().queuedWrites);
      },
    });
  }

  /** The metrics in the text format of Prometheus. */
  page(): Promise<string> {
    return this.registry.metrics();
  }

  /** The metrics as values that can be sent to another process. */
  async snapshot(): Promise<MetricsSnapshot> {
    const metrics = await this.registry.getMetricsAsJSON();
    return metrics.map(({ values, ...metric }) => ({
      ...metric,
      values: values.filter(({ value }) => Number.isFinite(value)), // JSON has no NaN
    }));
  }
}

export interface FinishedRequest {
  readonly contract: string;
  readonly operation: string;
  readonly status: number;
  readonly durationSeconds: number;
}
