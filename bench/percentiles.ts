import type { Outcome } from './load.ts';

/** Of latencies in milliseconds; zeros of none. */
export function percentiles(latencies: readonly number[]): Outcome['latency'] {
  const sorted = Float64Array.from(latencies).sort();
  const percentile = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  return { p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99) };
}
