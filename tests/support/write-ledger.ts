import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, tokenFor } from './running-app.ts';
import type { Serving } from './serving.ts';
import type { TestCluster } from './test-cluster.ts';

/** An answer, and how long it took. */
export type TimedAnswer = Answer & { readonly ms: number };

/** What the rows say about the creates of a ledger. */
export interface Audit {
  readonly acknowledgedButMissing: number;
  readonly appliedTwice: number;
  /** Of those whose answer said that they were not applied. */
  readonly refusedButApplied: number;
  /** Of those whose answer said that the database may have applied them. */
  readonly unconfirmed: { readonly applied: number; readonly all: number };
}

/** How the answer to a write begins if nobody knows whether it was applied. */
const UNCONFIRMED = /^The database did not confirm/;

/** Sends creates, and records what their answers promise. Each has a title of its own. */
export class WriteLedger {
  readonly acknowledged = new Set<string>();
  readonly refused = new Set<string>();
  readonly unconfirmed = new Set<string>();

  constructor(private readonly server: Pick<Serving, 'sendAs'>) {}

  async create(user: string): Promise<TimedAnswer> {
    const title = randomUUID();
    const answer = await timed(this.server.sendAs(tokenFor(user))('POST', `/api/${user}/tasks`, { body: { title } }));
    if (answer.status === 201) this.acknowledged.add(title);
    else if (UNCONFIRMED.test(answer.body?.detail)) this.unconfirmed.add(title);
    else this.refused.add(title);
    return answer;
  }

  list(user: string): Promise<TimedAnswer> {
    return timed(this.server.sendAs(tokenFor(user))('GET', `/api/${user}/tasks`));
  }

  /** Waits until a create succeeds. @returns milliseconds */
  async recovery(user = 'probe'): Promise<number> {
    const start = performance.now();
    while ((await this.create(user)).status !== 201) await pause(20);
    return performance.now() - start;
  }

  /** Compares the answers with the rows. */
  async audit(cluster: Pick<TestCluster, 'query'>): Promise<Audit> {
    const { rows } = await cluster.query('select title from tasks');
    const titles: string[] = rows.map(({ title }) => title);
    const applied = new Set(titles);
    const count = (written: ReadonlySet<string>) => [...written].filter((title) => applied.has(title)).length;
    return {
      acknowledgedButMissing: this.acknowledged.size - count(this.acknowledged),
      appliedTwice: titles.length - applied.size,
      refusedButApplied: count(this.refused),
      unconfirmed: { applied: count(this.unconfirmed), all: this.unconfirmed.size },
    };
  }
}

async function timed(request: Promise<Answer>): Promise<TimedAnswer> {
  const start = performance.now();
  const answer = await request;
  return { ...answer, ms: performance.now() - start };
}
