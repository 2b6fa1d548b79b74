import pg from 'pg';
import type { Statement } from '../tasks/task-statements.ts';
import { connectionSettings } from './connection-string.ts';
import { asUnavailable } from './database-errors.ts';
import { isOutdated, PipelinedConnection } from './pipelined-connection.ts';
import { type Parameter, type TextRow, textRows } from './statement-group.ts';

export interface PostgresSettings {
  readonly url: string;
  /** Connections at most. Each is made when it is first needed. */
  readonly poolSize: number;
  /** Whether statements are prepared by name: faster, but a PgBouncer before 1.21 in transaction mode cannot. */
  readonly prepare: boolean;
  /** Milliseconds that an answer, or a connection, may take. */
  readonly timeout: number;
}

/**
 * Connections to PostgreSQL, each of which carries statement after statement without waiting for answers. Reads share
 * the first ones; writes have the others, because those on one connection wait for each other's commit.
 */
export class PostgresDatabase {
  private readonly config: pg.ClientConfig;
  private readonly readers: readonly PipelinedConnection[];
  private readonly writers: readonly PipelinedConnection[];
  /** Of the writers, those that come first. */
  private readonly fewWriters: readonly PipelinedConnection[];

  constructor(
    private readonly settings: PostgresSettings,
    /** Told of connections that break while nobody uses them. */
    onIdleError: (error: Error) => void = () => {},
  ) {
    const { url, poolSize, timeout } = settings;
    this.config = { ...connectionSettings(url), connectionTimeoutMillis: timeout, keepAlive: true };
    const connections = Array.from(
      { length: poolSize },
      () => new PipelinedConnection(this.config, timeout, onIdleError),
    );
    const forReads = Math.min(READERS, Math.ceil(poolSize / 2));
    this.readers = connections.slice(0, forReads);
    this.writers = poolSize === 1 ? connections : connections.slice(forReads);
    this.fewWriters = this.writers.slice(0, FEW_WRITERS);
  }

  /**
   * The rows of a statement, which is one transaction.
   *
   * @throws Unavailable while the database is out of reach or out of connections
   */
  async run<Row extends TextRow>(
    { name, text, reads }: Statement,
    values: readonly Parameter[],
  ): Promise<readonly Row[]> {
    const connection = reads === true ? this.reader() : this.writer();
    const prepared = this.settings.prepare ? name : undefined;
    try {
      return await connection.rows<Row>(text, prepared, values).catch((error) => {
        if (isOutdated(error)) return connection.rows<Row>(text, prepared, values);
        throw error;
      });
    } catch (error) {
      throw explained(error);
    }
  }

  /**
   * The same in a transaction that sees the database as it is at one moment: begun again, a few times, where others
   * have changed since then what it is about.
   *
   * @throws Unavailable also where they do not stop
   */
  async runAtOneMoment<Row extends TextRow>(
    statement: Statement,
    values: readonly Parameter[],
  ): Promise<readonly Row[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.atOneMoment<Row>(statement, values);
      } catch (error) {
        if (attempt === ATTEMPTS || !hasLostConflict(error)) throw explained(error);
      }
    }
  }

  /** The server's version, such as `17.5`. */
  async version(): Promise<string> {
    const [row] = await this.run(SHOW_VERSION, []);
    return row?.[0]?.split(' ')[0] ?? 'unknown';
  }

  /** Ends the connections; what is under way on them is answered first. */
  async close(): Promise<void> {
    await Promise.all([...new Set([...this.readers, ...this.writers])].map((connection) => connection.close()));
  }

  /** The first that is not held up, so that statements come together and go out together; the shorter of long queues. */
  private reader(): PipelinedConnection {
    const free = ({ waiting, heldUp }: PipelinedConnection) => waiting < LONG_QUEUE && heldUp < READER_HELD_UP;
    return this.readers.find(free) ?? leastBusy(this.readers);
  }

  /** One of a few, which costs PostgreSQL the least, unless even the best of them is held up by a slow commit. */
  private writer(): PipelinedConnection {
    const best = leastBusy(this.fewWriters);
    return best.heldUp < WRITER_HELD_UP ? best : leastBusy(this.writers);
  }

  /** On a connection of its own: a transaction has no place on one that is shared. */
  private async atOneMoment<Row extends TextRow>(
    { text }: Statement,
    values: readonly Parameter[],
  ): Promise<readonly Row[]> {
    const client = new pg.Client({ ...this.config, query_timeout: this.settings.timeout });
    client.on('error', () => {}); // what breaks the connection also rejects the statement that is under way
    try {
      await client.connect();
      await client.query('begin isolation level repeatable read');
      const rows = await textRows<Row>(client, text, undefined, values);
      await client.query('commit');
      return rows;
    } finally {
      await client.end();
    }
  }
}

/** Connections for reads: a second one for when the first is held up by an answer that takes long. */
const READERS = 2;
/** Connections for writes while commits are fast: so many commit together, and each still gathers what comes meanwhile. */
const FEW_WRITERS = 4;
/** So many statements are enough to come together: of more, some would wait long behind the others. */
const LONG_QUEUE = 64;
/** Milliseconds without an answer after which a connection counts as held up. */
const READER_HELD_UP = 20;
const WRITER_HELD_UP = 5;

/** The one with the fewest statements before the next one; a millisecond that it is held up counts as one more of them. */
function leastBusy(connections: readonly PipelinedConnection[]): PipelinedConnection {
  const busy = ({ waiting, heldUp }: PipelinedConnection) => waiting + heldUp;
  return connections.reduce((least, connection) => (busy(connection) < busy(least) ? connection : least));
}

/** How often to begin again what others have come in the way of. */
const ATTEMPTS = 10;

/** 40001 serialization_failure, 40P01 deadlock_detected. */
function hasLostConflict(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '40001' || error.code === '40P01');
}

function explained(error: unknown): unknown {
  return isLostStatement(error) ? new Error(LOST_STATEMENT, { cause: error }) : asUnavailable(error);
}

/** 26000 invalid_sql_statement_name, 42P05 duplicate_prepared_statement: the connection behind ours is another one. */
function isLostStatement(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '26000' || error.code === '42P05');
}

const LOST_STATEMENT =
  'a pooler between this server and the database does not keep prepared statements: set DATABASE_PREPARE=off';

const SHOW_VERSION: Statement = {
  name: 'taskwell_version',
  text: `select current_setting('server_version')`,
  reads: true,
};
