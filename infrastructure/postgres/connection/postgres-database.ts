import pg from 'pg';
import type { Clock } from '../../../application/ports/clock.ts';
import { SystemClock } from '../../system/system-clock.ts';
import { connectionSettings } from './connection-string.ts';
import { toUnavailable } from './database-errors.ts';
import { isOutdated, PipelinedConnection } from './pipelined-connection.ts';
import type { BoundStatement, Parameter, Statement, StatementResult, TextRow } from './statement.ts';

export interface PostgresSettings {
  readonly url: string;
  /** The maximum number of connections. Each is opened when it is first needed. */
  readonly poolSize: number;
  /** Whether statements are prepared by name. PgBouncer before 1.21 does not support this in transaction mode. */
  readonly prepare: boolean;
  /** The timeout for an answer and for a new connection, in milliseconds. */
  readonly timeout: number;
}

export interface PostgresOptions {
  readonly clock?: Pick<Clock, 'monotonicMs'>;
  /** Called when an idle connection breaks. */
  readonly onIdleError?: (error: Error) => void;
}

/**
 * Connections to PostgreSQL that requests share. Reads and writes use separate connections, because the statements on a
 * connection wait for the commits of the writes before them.
 */
export class PostgresDatabase {
  private readonly readers: readonly PipelinedConnection[];
  private readonly writers: readonly PipelinedConnection[];
  /** The first of the writers. */
  private readonly fewWriters: readonly PipelinedConnection[];

  constructor(
    { url, poolSize, prepare, timeout }: PostgresSettings,
    { clock = new SystemClock(), onIdleError = () => {} }: PostgresOptions = {},
  ) {
    const config = { ...connectionSettings(url), connectionTimeoutMillis: timeout, keepAlive: true };
    const options = { prepare, timeoutMs: timeout, clock, onIdleError };
    const connections = Array.from({ length: poolSize }, () => new PipelinedConnection(config, options));
    const forReads = Math.min(READERS, Math.ceil(poolSize / 2));
    this.readers = connections.slice(0, forReads);
    this.writers = poolSize === 1 ? connections : connections.slice(forReads);
    this.fewWriters = this.writers.slice(0, FEW_WRITERS);
  }

  /** Runs one statement as a transaction and returns its rows. @throws Unavailable as `runGroup` does */
  async run(statement: Statement, values: readonly Parameter[]): Promise<readonly TextRow[]> {
    const [result] = await this.runGroup([{ statement, values }]);
    return result?.rows ?? [];
  }

  /**
   * Runs statements as one transaction in one round trip. They commit together or not at all. Each statement sees the
   * writes of the earlier ones.
   *
   * @returns one result per statement
   * @throws Unavailable if the database cannot be reached or has no free connection
   */
  async runGroup(group: readonly BoundStatement[]): Promise<readonly StatementResult[]> {
    const connection = group.every(({ statement }) => statement.reads) ? this.reader() : this.writer();
    try {
      return await connection.run(group).catch((error) => {
        if (isOutdated(error)) return connection.run(group);
        throw error;
      });
    } catch (error) {
      throw isLostStatement(error) ? new Error(LOST_STATEMENT, { cause: error }) : toUnavailable(error);
    }
  }

  /** The server's version, such as `17.5`. */
  async version(): Promise<string> {
    const [row] = await this.run(SHOW_VERSION, []);
    return row?.[0]?.split(' ')[0] ?? 'unknown';
  }

  /** Closes the connections after all pending statements have their answers. */
  async close(): Promise<void> {
    await Promise.all([...new Set([...this.readers, ...this.writers])].map((connection) => connection.close()));
  }

  /** The first free reader, so that statements share writes to the socket; the least busy one if none is free. */
  private reader(): PipelinedConnection {
    const isFree = (reader: PipelinedConnection) => reader.waiting < LONG_QUEUE && reader.stalledForMs < STALLED_MS;
    return this.readers.find(isFree) ?? leastBusy(this.readers);
  }

  /** One of a few writers, which is cheapest for PostgreSQL; one of all writers if slow commits stall those. */
  private writer(): PipelinedConnection {
    const best = leastBusy(this.fewWriters);
    return best.stalledForMs < STALLED_MS ? best : leastBusy(this.writers);
  }
}

/** Connections for reads. The second one takes over while a slow answer stalls the first. */
const READERS = 2;
/** Connections for writes while commits are fast: enough to commit in parallel, and few enough to share round trips. */
const FEW_WRITERS = 4;
/** The number of waiting groups at which a reader no longer counts as free. */
const LONG_QUEUE = 64;
/** The time without an answer after which a connection counts as stalled. */
const STALLED_MS = 5;

/** The connection with the fewest waiting groups; each millisecond of stalling counts as one more group. */
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
