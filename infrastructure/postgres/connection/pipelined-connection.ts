import pg from 'pg';
import type { Clock } from '../../../application/ports/clock.ts';
import { measureClockOffset } from './clock-offset.ts';
import { unconfirmed } from './database-errors.ts';
import { type DatabaseEngine, DEADLINE_MISSED, frameGroup } from './group-frame.ts';
import type { GroupContext } from './group-limits.ts';
import type { BoundStatement, StatementResult } from './statement.ts';
import { runGroup, watchWarnings } from './statement-group.ts';

/** How often a connection is checked for an overdue answer. */
const WATCH_INTERVAL_MS = 250;
/** How long the end of a connection may take if nothing waits on it. */
const GOODBYE_MS = 1_000;
/** How long `close` may take: the callers of what is unanswered by then have left. */
const CLOSE_MS = 3_000;
/** How long a connection counts as stalled after a failed attempt to connect. */
const RECOVERY_MS = 1_000;

export interface ConnectionOptions {
  readonly engine: DatabaseEngine;
  /** Whether statements are prepared by name. */
  readonly prepare: boolean;
  /** How long the connection may go without an answer before it is dropped, with everything that waits on it. */
  readonly timeoutMs: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Called when the connection breaks while nobody uses it. */
  readonly onIdleError: (error: Error) => void;
  /**
   * Called when the database does not answer: on a failed attempt to connect, with the error, and before an overdue
   * connection drops.
   */
  readonly onUnresponsive: (error?: unknown) => void;
}

/**
 * A connection that many callers share. It sends groups of statements without waiting for earlier answers: PostgreSQL
 * answers them in order, and an error fails only its own group. It connects on first use, and again after it breaks.
 *
 * Each group is a transaction. Do not use BEGIN or session settings: they would affect the groups of other callers.
 */
export class PipelinedConnection {
  /** Groups without an answer. */
  waiting = 0;
  /** When the last answer arrived, or the connection became busy. */
  private progressedAtMs = 0;
  private answeredAtMs = Number.NEGATIVE_INFINITY;
  private connectFailedAtMs = Number.NEGATIVE_INFINITY;
  private closed = false;
  /** The client in use. */
  private client: pg.Client | undefined;
  /** The client in use, or the one that is connecting. */
  private latest: pg.Client | undefined;
  private connecting: Promise<pg.Client> | undefined;
  private corked = false;
  /** The database's time minus this process's monotonic time, in milliseconds. */
  private databaseOffsetMs = 0;

  constructor(
    private readonly config: pg.ClientConfig,
    private readonly options: ConnectionOptions,
  ) {}

  /**
   * How long there has been no answer to the waiting groups. After a failed attempt to connect, also the time until the
   * next attempt is due: a connection that fails immediately would otherwise always look idle.
   */
  get stalledForMs(): number {
    return Math.max(this.unansweredForMs, RECOVERY_MS - (this.now() - this.connectFailedAtMs));
  }

  /** How long ago the last answer arrived. */
  get silentForMs(): number {
    return this.now() - this.answeredAtMs;
  }

  get isConnected(): boolean {
    return this.client !== undefined;
  }

  /**
   * Runs a group of statements as one transaction, within the frame that its context asks for.
   *
   * @throws AnswerLost if a write was sent and got no answer; otherwise as pg does, also once the connection is closed
   */
  async run(group: readonly BoundStatement[], context: GroupContext): Promise<readonly StatementResult[]> {
    if (this.closed) throw new Error('Connection terminated: it is closed');
    if (this.waiting === 0) this.progressedAtMs = this.now();
    this.waiting += 1;
    try {
      const client = this.client ?? (await this.connected());
      this.corkForThisTurn(client);
      const { engine, prepare } = this.options;
      const { before, after } = frameGroup(engine, context, this.databaseOffsetMs);
      const results = await runGroup(client, [...before, ...group, ...after], prepare).catch((error) => {
        if (error instanceof pg.DatabaseError) this.answeredAtMs = this.now();
        if (needsNewConnection(error)) this.replace(client);
        throw context.reads ? error : unconfirmed(error);
      });
      this.answeredAtMs = this.now();
      return results.slice(before.length, before.length + group.length);
    } finally {
      this.waiting -= 1;
      this.progressedAtMs = this.now();
    }
  }

  /**
   * Makes the next group open a new connection, because the present one may be dead. What waits on it fails unless its
   * answer comes within this time; at once if the connection has had no answer for longer already.
   */
  renew(patienceMs: number): void {
    if (this.client === undefined) return;
    if (this.unansweredForMs > patienceMs) this.client.connection.stream.destroy();
    else this.replace(this.client, patienceMs);
  }

  /** Closes the connection for good, after all waiting groups have their answers, or after three seconds. */
  async close(): Promise<void> {
    this.closed = true;
    const overdue = setTimeout(() => this.latest?.connection.stream.destroy(), CLOSE_MS).unref();
    const client = this.client ?? (await this.connecting?.catch(() => undefined));
    if (client !== undefined) await this.end(client, CLOSE_MS);
    clearTimeout(overdue);
  }

  private now(): number {
    return this.options.clock.monotonicMs();
  }

  private get unansweredForMs(): number {
    return this.waiting === 0 ? 0 : this.now() - this.progressedAtMs;
  }

  /** The next group opens a new connection. Groups that wait on this one still get answers that arrive in time. */
  private replace(client: pg.Client, patienceMs = this.options.timeoutMs): void {
    if (this.client !== client) return;
    this.client = undefined;
    void this.end(client, patienceMs);
  }

  /** Ends a connection after all waiting groups have their answers, or when this time is over. */
  private async end(client: pg.Client, patienceMs: number): Promise<void> {
    const limitMs = this.waiting === 0 ? GOODBYE_MS : patienceMs;
    const deadline = setTimeout(() => client.connection.stream.destroy(), limitMs).unref();
    await client.end().catch(() => {}); // a connection that breaks has ended as well
    clearTimeout(deadline);
  }

  /** Combines the groups of one turn of the event loop into one write. */
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
    this.latest = client;
    const watch = setInterval(() => {
      if (this.unansweredForMs <= this.options.timeoutMs) return;
      this.options.onUnresponsive();
      client.connection.stream.destroy();
    }, WATCH_INTERVAL_MS).unref();
    client.on('error', (error) => {
      if (this.client === client) this.client = undefined;
      client.connection.stream.destroy();
      if (this.waiting === 0) this.options.onIdleError(error); // otherwise the waiting callers get the error
    });
    watchWarnings(client);
    client.once('end', () => {
      clearInterval(watch);
      if (this.client === client) this.client = undefined;
    });
    try {
      await client.connect();
      this.databaseOffsetMs = await measureClockOffset(client, this.options.clock, this.config.connectionTimeoutMillis);
    } catch (error) {
      clearInterval(watch);
      client.connection.stream.destroy();
      this.connectFailedAtMs = this.now();
      this.options.onUnresponsive(error);
      throw error;
    }
    this.client = client;
    this.answeredAtMs = this.now();
    return client;
  }
}

/**
 * 0A000 feature_not_supported: a migration changed the result types of a prepared statement of this connection. The
 * group was not applied.
 */
export function isOutdated(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '0A000';
}

/**
 * Whether the next group should run on a new connection: see `isOutdated`; 25006 read_only_sql_transaction: a failover
 * may have left this connection on a standby; a missed deadline: the offset of the database's clock may be wrong by now.
 */
function needsNewConnection(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  return isOutdated(error) || error.code === '25006' || error.code === DEADLINE_MISSED;
}
