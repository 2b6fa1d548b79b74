import pg from 'pg';
import { type Parameter, type TextRow, textRows } from './statement-group.ts';

/** How often a connection is looked at whose answers may be late, in milliseconds. */
const WATCH = 1_000;
/** For so long a connection that could not be made counts as held up, in milliseconds. */
const RECOVERY = 1_000;

/**
 * A connection on which statements follow each other without waiting for answers: PostgreSQL answers them in order, and
 * an error touches none but its own. It is made when it is first needed, and anew after it broke.
 *
 * Each statement is a transaction of its own. There is no BEGIN and no SET here: the next statement is somebody else's.
 */
export class PipelinedConnection {
  /** Statements that are not answered yet. */
  waiting = 0;
  /** When it last had an answer, or nothing to wait for; as `performance.now()` tells. */
  private movedAt = 0;
  /** When it could not be made, the last time. */
  private refusedAt = Number.NEGATIVE_INFINITY;
  private closed = false;
  private client: pg.Client | undefined;
  private connecting: Promise<pg.Client> | undefined;
  private gathering = false;

  constructor(
    private readonly config: pg.ClientConfig,
    /** Milliseconds without an answer after which the connection, and what waits on it, is given up. */
    private readonly timeout: number,
    private readonly onIdleError: (error: Error) => void,
  ) {}

  /**
   * For how long it is held up, in milliseconds: since when the first of those that wait does so, or, where it could not
   * be made a moment ago, until it is worth another try. Whoever fails at once would otherwise always be free.
   */
  get heldUp(): number {
    return Math.max(this.stalled, RECOVERY - (performance.now() - this.refusedAt));
  }

  /** The rows of a statement. @throws as pg does, and once it is closed */
  async rows<Row extends TextRow>(
    text: string,
    name: string | undefined,
    values: readonly Parameter[],
  ): Promise<readonly Row[]> {
    if (this.closed) throw new Error('Connection terminated, as it was closed');
    if (this.waiting === 0) this.movedAt = performance.now();
    this.waiting += 1;
    try {
      const client = this.client ?? (await this.connected());
      this.gather(client);
      return await textRows<Row>(client, text, name, values).catch((error) => {
        if (isOutdated(error)) this.leave(client);
        throw error;
      });
    } finally {
      this.waiting -= 1;
      this.movedAt = performance.now();
    }
  }

  /** Ends it for good; what waits is answered first. */
  async close(): Promise<void> {
    this.closed = true;
    const client = this.client ?? (await this.connecting?.catch(() => undefined));
    await client?.end();
  }

  private get stalled(): number {
    return this.waiting === 0 ? 0 : performance.now() - this.movedAt;
  }

  /** Has the next statement make a new connection; what waits on this one is answered, if it is in time. */
  private leave(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    const late = setTimeout(() => client.connection.stream.destroy(), this.timeout).unref();
    client.once('end', () => clearTimeout(late));
    client.end().catch(() => {}); // one that breaks meanwhile has ended as well
  }

  /** What is asked in one turn of the event loop goes out in one write. */
  private gather({ connection: { stream } }: pg.Client): void {
    if (this.gathering) return;
    this.gathering = true;
    stream.cork();
    setImmediate(() => {
      this.gathering = false;
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
      if (this.stalled > this.timeout) client.connection.stream.destroy();
    }, WATCH).unref();
    client.on('error', (error) => {
      if (this.client === client) this.client = undefined;
      client.connection.stream.destroy();
      if (this.waiting === 0) this.onIdleError(error); // else those who wait are told
    });
    client.once('end', () => {
      clearInterval(watch);
      if (this.client === client) this.client = undefined;
    });
    try {
      await client.connect();
    } catch (error) {
      clearInterval(watch);
      this.refusedAt = performance.now();
      throw error;
    }
    this.client = client;
    return client;
  }
}

/**
 * 0A000 feature_not_supported: what was prepared on this connection gives other types than it did then, since a migration.
 * Nothing of the statement was done.
 */
export function isOutdated(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '0A000';
}
