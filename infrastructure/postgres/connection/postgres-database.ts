import pg from 'pg';
import type { Clock } from '../../../application/ports/clock.ts';
import { SystemClock } from '../../system/system-clock.ts';
import { connectionSettings } from './connection-string.ts';
import { toUnavailable } from './database-errors.ts';
import { isOutdated, PipelinedConnection } from './pipelined-connection.ts';
import type { BoundStatement, Parameter, Statement, StatementResult, TextRow } from './statement.ts';

export interface PostgresSettings {
  readonly url: string;
  /** Connections at most. Each is made when it is first needed. */
  readonly poolSize: number;
  /** Whether statements are prepared by name: faster, but PgBouncer before 1.21 does not support it in transaction mode. */
  readonly prepare: boolean;
  /** How long an answer, or a new connection, may take, in milliseconds. */
  readonly timeout: number;
}

export interface PostgresOptions {
  readonly clock?: Pick<Clock, 'monotonicMs'>;
  /** Called when a connection breaks while nobody uses it. */
  readonly onIdleError?: (error: Error) => void;
  /** Called with the error of every group that fails, as pg threw it. */
  readonly onFailure?: (error: unknown) => void;
}

/** How much of the database's connections is in use. */
export interface DatabaseUsage {
  /** Connections that are open, and those of them that wait for an answer. */
  readonly open: number;
  readonly busy: number;
  /** Connections at most. */
  readonly max: number;
  /** Groups without an answer. */
  readonly waiting: number;
}

/**
 * Connections to PostgreSQL that requests share. Reads and writes use different ones, because the writes on one
 * connection wait for each other's commit.
 */
export class PostgresDatabase {
  private readonly readers: readonly PipelinedConnection[];
  private readonly writers: readonly PipelinedConnection[];
  /** The first of the writers. */
  private readonly fewWriters: readonly PipelinedConnection[];
  private readonly connections: readonly PipelinedConnection[];
  private readonly onFailure: (error: unknown) => void;

  constructor(
    { url, poolSize, prepare, timeout }: PostgresSettings,
    { clock = new SystemClock(), onIdleError = () => {}, onFailure = () => {} }: PostgresOptions = {},
  ) {
    const config = { ...connectionSettings(url), connectionTimeoutMillis: timeout, keepAlive: true };
    const options = { prepare, timeoutMs: timeout, clock, onIdleError };
    const connections = Array.from({ length: poolSize }, () => new PipelinedConnection(config, options));
    this.connections = connections;
    this.onFailure = onFailure;
    const forReads = Math.min(READERS, Math.ceil(poolSize / 2));
    this.readers = connections.slice(0, forReads);
    this.writers = poolSize === 1 ? connections : connections.slice(forReads);
    this.fewWriters = this.writers.slice(0, FEW_WRITERS);
  }

  /** Runs one statement as a transaction of its own, and returns its rows. @throws Unavailable as `runGroup` does */
  async run(statement: Statement, values: readonly Parameter[]): Promise<readonly TextRow[]> {
    const [result] = await this.runGroup([{ statement, values }]);
    return result?.rows ?? [];
  }

  /**
   * Runs statements as one transaction in one round trip; they commit together or not at all. Later ones see what
   * earlier ones wrote.
   *
   * @returns one result per statement
   * @throws Unavailable while the database is out of reach or out of connections
   */
  async runGroup(group: readonly BoundStatement[]): Promise<readonly StatementResult[]> {
    const connection = group.every(({ statement }) => statement.reads) ? this.reader() : this.writer();
    try {
      return await connection.run(group).catch((error) => {
        if (isOutdated(error)) return connection.run(group);
        throw error;
      });
    } catch (error) {
      this.onFailure(error);
      throw isLostStatement(error) ? new Error(LOST_STATEMENT, { cause: error }) : toUnavailable(error);
    }
  }

  get usage(): DatabaseUsage {
    const open = this.connections.filter(({ isOpen }) => isOpen);
    return {
      open: open.length,
      busy: open.filter(({ waiting }) => waiting > 0).length,
      max: this.connections.length,
      waiting: this.connections.reduce((sum, { waiting }) => sum + waiting, 0),
    };
  }

  /** The server's version, such as `17.5`. */
  async version(): Promise<string> {
    const [row] = await this.run(SHOW_VERSION, []);
    return row?.[0]?.split(' ')[0] ?? 'unknown';
  }

  /** Closes the connections, after everything under way on them has its answer. */
  async close(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.close()));
  }

  /** The first reader that is free, so that statements are sent in few writes; the least busy one if none is free. */
  private reader(): PipelinedConnection {
    const isFree = (reader: PipelinedConnection) => reader.waiting < LONG_QUEUE && reader.stalledForMs < STALLED_MS;
    return this.readers.find(isFree) ?? leastBusy(this.readers);
  }

  /** One of few writers, which costs PostgreSQL the least; one of all if slow commits stall even the best of the few. */
  private writer(): PipelinedConnection {
    const best = leastBusy(this.fewWriters);
    return best.stalledForMs < STALLED_MS ? best : leastBusy(this.writers);
  }
}

/** Connections for reads. The second one takes over while a long answer stalls the first. */
const READERS = 2;
/** Connections for writes while commits are fast: enough to commit in parallel, few enough to share round trips. */
const FEW_WRITERS = 4;
/** Statements on a reader beyond which the next one has the shorter wait on the other reader. */
const LONG_QUEUE = 64;
/** Time without an answer after which a connection counts as stalled. */
const STALLED_MS = 5;

/** The connection with the fewest waiting groups; a millisecond of stalling counts as one more group. */
function leastBusy(connections: readonly PipelinedConnection[]): PipelinedConnection {
  const load = ({ waiting, stalledForMs }: PipelinedConnection) => waiting + stalledForMs;
  return connections.reduce((least, connection) => (load(connection) < load(least) ? connection : least));
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
