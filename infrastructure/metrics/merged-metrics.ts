import { AggregatorRegistry, Gauge, type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client';

/** The metrics of one process at one time. */
export type MetricsSnapshot = MetricObjectWithValues<MetricValue<string>>[];

/**
 * The metrics of several workers on one page. Counters never go down, because Prometheus takes that for a restart: what
 * a worker counted stays on the page after the worker has ended, and while it does not answer. Gauges describe only the
 * workers that answered.
 */
export class MergedMetrics {
  private readonly latest = new Map<number, MetricsSnapshot>();
  /** What ended workers counted. */
  private ended: Promise<MetricsSnapshot> = Promise.resolve([]);
  private readonly own = new Registry();
  private readonly workers = new Gauge({
    name: 'taskwell_workers',
    help: 'Workers that reported their metrics in time.',
    registers: [this.own],
  });

  /** @param workersMax the number of workers that are configured */
  constructor(workersMax: number) {
    new Gauge({
      name: 'taskwell_workers_max',
      help: 'Workers that are configured.',
      registers: [this.own],
    }).set(workersMax);
  }

  /** Replaces the last snapshot of a worker. */
  update(worker: number, snapshot: MetricsSnapshot): void {
    this.latest.set(worker, snapshot);
  }

  /** Notes that a worker has ended. */
  remove(worker: number): void {
    const last = this.latest.get(worker);
    if (last === undefined) return;
    this.latest.delete(worker);
    this.ended = this.ended.then((ended) => merge([ended, countersOf(last)]).getMetricsAsJSON());
  }

  /**
   * The page in the text format of Prometheus.
   *
   * @param answered the workers whose last snapshot is up to date
   */
  async page(answered: ReadonlySet<number>): Promise<string> {
    const current = [...this.latest].map(([worker, last]) => (answered.has(worker) ? last : countersOf(last)));
    const merged = merge([await this.ended, ...current]);
    this.workers.set(answered.size);
    return `${await this.own.metrics()}\n${await merged.metrics()}`;
  }
}

function merge(snapshots: readonly MetricsSnapshot[]): Registry {
  return AggregatorRegistry.aggregate(snapshots.map((snapshot) => snapshot.map(mergeLikeOurs)));
}

/** The library averages the percentiles of the event-loop delay, which hides a blocked worker, and omits the start time. */
function mergeLikeOurs(metric: MetricsSnapshot[number]): MetricsSnapshot[number] {
  if (metric.aggregator === 'average') return { ...metric, aggregator: 'max' };
  return metric.aggregator === 'omit' ? { ...metric, aggregator: 'min' } : metric;
}

/** The metrics that only grow. The library gives `type` as a word, although its types say a number. */
function countersOf(snapshot: MetricsSnapshot): MetricsSnapshot {
  return snapshot.filter(({ type }) => ['counter', 'histogram'].includes(String(type)));
}
