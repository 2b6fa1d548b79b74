import type { Results, Sample } from './results.ts';

/** What the rounds of a contestant at a case come to. */
export interface Line {
  readonly contestant: string;
  readonly title: string;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly errors: number;
  readonly cpu: number | undefined;
  readonly rss: number | undefined;
  /** How many times as many requests the subject answered, each round by itself. `undefined` of the subject. */
  readonly ratio: Spread | undefined;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The medians of a case, a line for each contestant. */
export function summary({ samples, contestants, subject }: Results, what: string): readonly Line[] {
  const of = (name: string) => samples.filter((sample) => sample.case === what && sample.contestant === name);
  const subjects = new Map(of(subject).map((sample) => [sample.round, sample.requestsPerSecond]));
  return contestants.flatMap(({ name, title }) => {
    const mine = of(name);
    if (mine.length === 0) return [];
    const figure = (read: (sample: Sample) => number) => median(mine.map(read));
    const ratios = mine.flatMap(({ round, requestsPerSecond }) => {
      const its = subjects.get(round);
      return its === undefined || requestsPerSecond === 0 ? [] : [its / requestsPerSecond];
    });
    const measured = mine.every(({ cpu }) => cpu !== undefined);
    return {
      contestant: name,
      title,
      requestsPerSecond: figure((sample) => sample.requestsPerSecond),
      p50: figure(({ latency }) => latency.p50),
      p95: figure(({ latency }) => latency.p95),
      p99: figure(({ latency }) => latency.p99),
      errors: mine.reduce((sum, { wrong, failed }) => sum + wrong + failed, 0),
      cpu: measured ? figure(({ cpu = 0 }) => cpu) : undefined,
      rss: measured ? figure(({ rss = 0 }) => rss) : undefined,
      ratio: name === subject || ratios.length === 0 ? undefined : spread(ratios),
    };
  });
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}
