import pg from 'pg';
import type { Clock } from '../../../application/ports/clock.ts';
import { SystemClock } from '../../system/system-clock.ts';
import { withTimeout } from '../../with-timeout.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { CITUS_OPTIONS } from './citus-frame.ts';
import { ConnectionPool } from './connection-pool.ts';
import { connectionSettings } from './connection-string.ts';
import { AnswerLost, databaseUnavailable, toRefusal } from './database-errors.ts';
import { type DatabaseUsage, databaseUsage } from './database-usage.ts';
import type { DatabaseEngine } from './group-frame.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { isOutdated, PipelinedConnection } from './pipelined-connection.ts';
import type { BoundStatement, Parameter, Statement, StatementResult, TextRow } from './statement.ts';

export interface PostgresSettings {
  readonly url: string;
  /** The maximum number of connections. Each is opened when it is first needed. */
  readonly poolSize: number;
  /** Whether statements are prepared by name. PgBouncer before 1.21 does not support this in transaction mode. */
  readonly prepare: boolean;
  /** How long a group of statements may take, in milliseconds. */
  readonly timeout: number;
  /** Default: PostgreSQL. */
  readonly engine?: DatabaseEngine;
}

export interface PostgresOptions {
  readonly clock?: Pick<Clock, 'monotonicMs'>;
  /** Called when an idle connection breaks. */
  readonly onIdleError?: (error: Error) => void;
  /** Called when the database stops answering (`open`), and when it answers again (`closed`). */
  readonly onBreakerChange?: (state: 'open' | 'closed') => void;
  /** Called with the error of every group that fails, as pg threw it, or `Unavailable` if the server gave up. */
  readonly onFailure?: (error: unknown) => void;
}

/** The share of the timeout that making a connection may take. */
const CONNECT_SHARE = 0.4;
/** Time without an answer after which a connection is no evidence that the database works. */
const UNRESPONSIVE_MS = 1_000;

/** Runs groups of statements within a time, on connections that requests share. */
export class PostgresDatabase {
  readonly engine: DatabaseEngine;
  private readonly pool: ConnectionPool;
  private readonly breaker: CircuitBreaker;
  /** A user's writes run one after the other, so that a locked row of one user occupies one connection at most. */
  private readonly writes = new KeyedQueue();
  private readonly timeoutMs: number;
  private readonly clock: Pick<Clock, 'monotonicMs'>;
  private readonly onFailure: ((error: unknown) => void) | undefined;

  constructor(
    { url, poolSize, prepare, timeout, engine = 'postgresql' }: PostgresSettings,
    { clock = new SystemClock(), onIdleError = () => {}, onBreakerChange = () => {}, onFailure }: PostgresOptions = {},
  ) {
    this.engine = engine;
    this.onFailure = onFailure;
    this.timeoutMs = timeout;
    this.clock = clock;
    const connectionTimeoutMillis = timeout * CONNECT_SHARE;
    const serverOptions = engine === 'citus' ? CITUS_OPTIONS : '';
    const config = { ...connectionSettings(url, serverOptions), connectionTimeoutMillis, keepAlive: true };
    this.breaker = new CircuitBreaker(() => probe(config, connectionTimeoutMillis), onBreakerChange);
    const options = {
      engine,
      prepare,
      timeoutMs: timeout,
      clock,
      onIdleError,
      onUnresponsive: (error?: unknown) => this.onUnresponsive(error),
    };
    this.pool = new ConnectionPool(poolSize, () => new PipelinedConnection(config, options));
  }

  /**
   * Runs one statement as a transaction of its own, and returns its rows.
   *
   * @throws Unavailable as `runGroup` does
   */
  async run(statement: Statement, values: readonly Parameter[], user = ''): Promise<readonly TextRow[]> {
    const [result] = await this.runGroup([{ statement, values }], user);
    return result?.rows ?? [];
  }

  /**
   * Runs statements as one transaction in one round trip. They commit together or not at all. Each statement sees the
   * writes of the earlier ones. If the database does not answer in time, the group has no effect: it is not applied later.
   *
   * @param user whose rows the statements may see, by the policies of the tables; writes of one user run one after the
   *   other
   * @returns one result per statement
   * @throws Unavailable if the database cannot be reached, has no free connection, is locked or is too slow
   */
  async runGroup(group: readonly BoundStatement[], user = ''): Promise<readonly StatementResult[]> {
    if (this.breaker.isOpen) throw databaseUnavailable();
    const calledAtMs = this.clock.monotonicMs();
    const reads = group.every(({ statement }) => statement.reads);
    try {
      return await (reads || user === ''
        ? this.send(group, reads, user, calledAtMs)
        : this.writes.run(user, this.timeoutMs / 2, () => this.send(group, reads, user, calledAtMs)));
    } catch (error) {
      this.onFailure?.(error);
      throw isLostStatement(error) ? new Error(LOST_STATEMENT, { cause: error }) : toRefusal(error);
    }
  }

  /** How busy the connections are at this moment. */
  get usage(): DatabaseUsage {
    return databaseUsage(this.pool.connections, this.writes);
  }

  /** The server's version, such as `17.5`. */
  async version(): Promise<string> {
    const [row] = await this.run(SHOW_VERSION, []);
    return row?.[0]?.split(' ')[0] ?? 'unknown';
  }

  /** Closes the connections after all pending statements have their answers or the timeout is over. */
  async close(): Promise<void> {
    this.breaker.close();
    await Promise.all(this.pool.connections.map((connection) => connection.close()));
  }

  /** @param calledAtMs when the caller began to wait; a write may have waited for its turn since then */
  private async send(
    group: readonly BoundStatement[],
    reads: boolean,
    user: string,
    calledAtMs: number,
  ): Promise<readonly StatementResult[]> {
    const startedAtMs = this.clock.monotonicMs();
    const timeoutMs = this.timeoutMs - (startedAtMs - calledAtMs);
    const context = { user, reads, statements: group.length, startedAtMs, timeoutMs };
    const isSlow = group.some(({ statement }) => statement.slow);
    const connection = this.pool.connectionFor({ reads, isSlow });
    const attempt = () => connection.run(group, context);
    const answer = attempt().catch((error) => {
      if (isOutdated(error)) return attempt();
      throw error;
    });
    return withTimeout(answer, timeoutMs, () => (reads ? databaseUnavailable() : new AnswerLost('No answer in time')));
  }

  /**
   * Trips the breaker unless some connection works. An idle connection proves nothing, except when the database answers
   * with a refusal of another one, such as 53300 too_many_connections.
   */
  private onUnresponsive(error: unknown): void {
    const answers = error instanceof pg.DatabaseError;
    const works = (connection: PipelinedConnection) =>
      connection.isConnected && (answers ? connection.stalledForMs : connection.silentForMs) < UNRESPONSIVE_MS;
    if (this.pool.connections.some(works)) return;
    this.breaker.trip();
    for (const connection of this.pool.connections) connection.renew(UNRESPONSIVE_MS);
  }
}

/** Connects and asks for one row, both within the time for making a connection. */
async function probe(config: pg.ClientConfig, timeoutMs: number): Promise<void> {
  const client = new pg.Client({ ...config, query_timeout: timeoutMs });
  client.on('error', () => {}); // the statement under way is rejected as well
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    client.end().catch(() => client.connection.stream.destroy());
  }
}

/** 26000 invalid_sql_statement_name, 42P05 duplicate_prepared_statement: a pooler switched the server connection. */
function isLostStatement(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '26000' || error.code === '42P05');
}

const LOST_STATEMENT =
  'A pooler between this server and the database does not keep prepared statements: set DATABASE_PREPARE=off';

const SHOW_VERSION: Statement = {
  name: 'taskwell_version',
  text: `select current_setting('server_version')`,
  reads: true,
};
