import pg, { type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';
import { connectionSettings } from './connection-settings.ts';
import type { Statement } from './statements.ts';
import { asUnavailable } from './unavailable.ts';

export interface PostgresSettings {
  readonly url: string;
  /** Connections at most. */
  readonly poolSize: number;
  /** Whether statements are prepared by name: faster, but a PgBouncer before 1.21 in transaction mode cannot. */
  readonly prepare: boolean;
  /** Milliseconds that a statement, or the wait for a connection, may take. */
  readonly timeout: number;
}

/** A pool of connections to PostgreSQL. */
export class PostgresDatabase {
  private readonly pool: pg.Pool;

  constructor(
    private readonly settings: PostgresSettings,
    /** Told of connections that break while nobody uses them; without a listener they would end the process. */
    onIdleError: (error: Error) => void = () => {},
  ) {
    this.pool = new pg.Pool({
      ...connectionSettings(settings.url),
      max: settings.poolSize,
      connectionTimeoutMillis: settings.timeout,
      query_timeout: settings.timeout,
      keepAlive: true,
      types: { getTypeParser: typeParser },
    });
    this.pool.on('error', onIdleError);
  }

  /** @throws Unavailable while the database is out of reach or out of connections */
  async run<Row extends QueryResultRow>(statement: Statement, values: unknown[]): Promise<QueryResult<Row>> {
    try {
      return await this.pool.query<Row>(this.query(statement, values));
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
  async runAtOneMoment<Row extends QueryResultRow>(statement: Statement, values: unknown[]): Promise<QueryResult<Row>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.atOneMoment<Row>(this.query(statement, values));
      } catch (error) {
        if (attempt === ATTEMPTS || !hasLostConflict(error)) throw explained(error);
      }
    }
  }

  /** The server's version, such as `17.5`. */
  async version(): Promise<string> {
    const { rows } = await this.run<{ version: string }>(SHOW_VERSION, []);
    return rows[0]?.version.split(' ')[0] ?? 'unknown';
  }

  /** Ends the connections; those in use first finish what they do. */
  close(): Promise<void> {
    return this.pool.end();
  }

  private query({ name, text }: Statement, values: unknown[]): QueryConfig {
    return this.settings.prepare ? { name, text, values } : { text, values };
  }

  private async atOneMoment<Row extends QueryResultRow>(query: QueryConfig): Promise<QueryResult<Row>> {
    const client = await this.pool.connect();
    try {
      await client.query('begin isolation level repeatable read');
      const result = await client.query<Row>(query);
      await client.query('commit');
      client.release();
      return result;
    } catch (error) {
      client.release(true); // with its connection ends whatever had begun
      throw error;
    }
  }
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
  text: `select current_setting('server_version') as version`,
};

/** Timestamps stay text (see instant-from-postgres.ts); the rest is as pg reads it. */
const typeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.TIMESTAMPTZ ? (text: string) => text : pg.types.getTypeParser(oid, format as 'text');
