import pg from 'pg';
import type { Clock } from '../../../application/ports/clock.ts';
import type { BoundStatement, StatementResult } from './statement.ts';
import { runGroup } from './statement-group.ts';

/** How often a connection is checked for an answer that is overdue. */
const WATCH_INTERVAL_MS = 1_000;
/** How long a connection that could not be made counts as stalled. */
const RECOVERY_MS = 1_000;

/**
 * A connection that many callers share. Groups of statements follow each other without waiting for answers: PostgreSQL
 * answers them in order, and an error fails only its own group. The connection is made on first use, and again after it
 * breaks.
 *
 * Each group is a transaction of its own. BEGIN and session settings have no place here: the next group belongs to
 * somebody else.
 */
export class PipelinedConnection {
  /** Groups without an answer. */
  waiting = 0;
  /** When the last answer arrived, or the connection became busy. */
  private progressedAtMs = 0;
  private connectFailedAtMs = Number.NEGATIVE_INFINITY;
  private closed = false;
  private client: pg.Client | undefined;
  private connecting: Promise<pg.Client> | undefined;
  private corked = false;

  constructor(
    private readonly config: pg.ClientConfig,
    private readonly options: {
      /** Whether statements are prepared by name. */
      readonly prepare: boolean;
      /** How long the connection may go without an answer before it is dropped, with everything that waits on it. */
      readonly timeoutMs: number;
      readonly clock: Pick<Clock, 'monotonicMs'>;
      readonly onIdleError: (error: Error) => void;
    },
  ) {}

  get isOpen(): boolean {
    return this.client !== undefined;
  }

  /**
   * How long the first of the waiting groups has had no answer. After a failed attempt to connect: how long until the
   * next attempt is due, since a connection that fails at once would otherwise always look idle.
   */
  get stalledForMs(): number {
    return Math.max(this.unansweredForMs, RECOVERY_MS - (this.now() - this.connectFailedAtMs));
  }

  /** Runs a group of statements as one transaction. @throws as pg does, also once the connection is closed */
  async run(group: readonly BoundStatement[]): Promise<readonly StatementResult[]> {
    if (this.closed) throw new Error('Connection terminated: it is closed');
    if (this.waiting === 0) this.progressedAtMs = this.now();
    this.waiting += 1;
    try {
      const client = this.client ?? (await this.connected());
      this.corkForThisTurn(client);
      return await runGroup(client, group, this.options.prepare).catch((error) => {
        if (isOutdated(error)) this.replace(client);
        throw error;
      });
    } finally {
      this.waiting -= 1;
      this.progressedAtMs = this.now();
    }
  }

  /** Closes the connection for good, after every waiting group has its answer. */
  async close(): Promise<void> {
    this.closed = true;
    const client = this.client ?? (await this.connecting?.catch(() => undefined));
    await client?.end();
  }

  private now(): number {
    return this.options.clock.monotonicMs();
  }

  private get unansweredForMs(): number {
    return this.waiting === 0 ? 0 : this.now() - this.progressedAtMs;
  }

  /** Lets the next group make a new connection. What waits on this one still gets its answer, if it comes in time. */
  private replace(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    const deadline = setTimeout(() => client.connection.stream.destroy(), this.options.timeoutMs).unref();
    client.once('end', () => clearTimeout(deadline));
    client.end().catch(() => {}); // a connection that breaks meanwhile has ended, too
  }

  /** Sends everything that is asked for in one turn of the event loop in one write. */
  private corkForThisTurn({ connection: { stream } }: pg.Client): void {
    if (this.corked) return;
    this.corked = true;
    stream.cork();
    setImmediate(() => {
      this.corked = false;
      stream.uncork();
    });
  }

  private connected(): Promise<pg.Client> {
    this.connecting ??= this.connect().finally(() => {
      this.connecting = undefined;
    });
    return this.connecting;
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.config, pipeline: true });
    const watch = setInterval(() => {
      if (this.unansweredForMs > this.options.timeoutMs) client.connection.stream.destroy();
    }, WATCH_INTERVAL_MS).unref();
    client.on('error', (error) => {
      if (this.client === client) this.client = undefined;
      client.connection.stream.destroy();
      if (this.waiting === 0) this.options.onIdleError(error); // otherwise the waiting callers get the error
    });
    client.once('end', () => {
      clearInterval(watch);
      if (this.client === client) this.client = undefined;
    });
    try {
      await client.connect();
    } catch (error) {
      clearInterval(watch);
      this.connectFailedAtMs = this.now();
      throw error;
    }
    this.client = client;
    return client;
  }
}

/**
 * 0A000 feature_not_supported: a migration changed the types that a prepared statement of this connection returns.
 * Nothing of its group was applied.
 */
export function isOutdated(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '0A000';
}
