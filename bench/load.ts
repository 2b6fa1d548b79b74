import type { Case } from './cases.ts';
import type { Contestant } from './contestants.ts';
import type { Database } from './databases.ts';
import type { Population } from './population.ts';
import type { ServerProcess } from './server-process.ts';
import type { TokenSigner } from './tokens.ts';

/** A contestant that is ready to be measured. */
export interface Entrant {
  readonly contestant: Contestant;
  readonly database: Database;
  readonly population: Population;
  /** `undefined`: it is PostgreSQL itself. */
  readonly server: ServerProcess | undefined;
  readonly signer: TokenSigner;
  /** A file with a line for each user that requests are made for: the user's id and a token. */
  readonly tokens: string;
}

/** What came of a load. */
export interface Outcome {
  /** Answers, right or wrong. */
  readonly requests: number;
  /** Seconds. */
  readonly duration: number;
  /** Milliseconds. */
  readonly latency: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** Answers that were not the expected ones: by their status, or by their body. */
  readonly wrong: number;
  /** Requests without an answer. */
  readonly failed: number;
  /** Tasks of which the creation was acknowledged. */
  readonly created: number;
}

/** Something that keeps a contestant busy, from a process of its own. */
export interface Load {
  readonly about: string;
  run(entrant: Entrant, what: Case, seconds: number): Promise<Outcome>;
}
