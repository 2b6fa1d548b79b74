import { readFileSync, writeFileSync } from 'node:fs';
import type { Outcome } from './load.ts';

/** One measurement: a contestant at a case in a round. */
export interface Sample extends Outcome {
  readonly round: number;
  readonly case: string;
  readonly contestant: string;
  readonly requestsPerSecond: number;
  /** Of the server's process, in processors: 1 is one that has nothing else to do. `undefined` of PostgreSQL itself. */
  readonly cpu?: number;
  /** Bytes of the server's process, at the end. */
  readonly rss?: number;
}

/** A whole run, as it lies in the JSON file. */
export interface Results {
  readonly at: string;
  readonly machine: string;
  readonly node: string;
  readonly postgres: string;
  readonly load: string;
  readonly seconds: number;
  readonly rounds: number;
  readonly cases: readonly { readonly name: string; readonly title: string }[];
  readonly contestants: readonly { readonly name: string; readonly title: string }[];
  /** The contestant that the others are compared with. */
  readonly subject: string;
  readonly samples: readonly Sample[];
  /** What came back wrong, a line each. */
  readonly faults: readonly string[];
}

export function readResults(file: string): Results {
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function writeResults(file: string, results: Results): void {
  writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`);
}
