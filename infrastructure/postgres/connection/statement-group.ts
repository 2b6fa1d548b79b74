import pg from 'pg';
import { databaseUnavailable } from './database-errors.ts';
import type { BoundStatement, Parameter, StatementResult, TextRow } from './statement.ts';

/**
 * Runs statements as one transaction in one round trip. In the extended query protocol, all statements before a Sync
 * form an implicit transaction. Each statement sees the writes of the earlier ones.
 *
 * @param prepare whether the statements are prepared under their names
 * @returns one result per statement
 * @throws as pg does; then the group is not applied
 */
export function runGroup(
  client: pg.Client,
  group: readonly BoundStatement[],
  prepare: boolean,
): Promise<readonly StatementResult[]> {
  return new Promise((resolve, reject) => {
    client.query(
      new StatementGroup(group, prepare, (error, results = []) => (error ? reject(error) : resolve(results))),
    );
  });
}

/** Passes the warnings of the database to the group whose answer is arriving. */
export function watchWarnings(client: pg.Client): void {
  client.on('notice', ({ severity, message }) => {
    const active = '_activeQuery' in client ? client._activeQuery : undefined;
    if (active instanceof StatementGroup) active.handleNotice({ severity, message });
  });
}

/**
 * A query of pg with several statements. The caller knows the columns, so it does not ask PostgreSQL to describe them,
 * and rows stay arrays.
 *
 * pg's client and `pg.Query.submit` use the methods and the public fields (pg 8, lib/client.js and lib/query.js). The
 * client reads `name` and `text` when the server has parsed a statement, so they describe the statement that is answered
 * next.
 */
class StatementGroup extends pg.Query {
  declare text: string;
  declare name: string | undefined;
  /** pg replaces it to stop the timer of `query_timeout`. */
  callback: Settle;
  private readonly results: StatementResult[] = [];
  private received: TextRow[] = [];
  /** The name under which each statement was sent; `undefined` if it was sent without a name. */
  private readonly names: (string | undefined)[] = [];
  private protocol: ExtendedProtocol | undefined;
  private failure: Error | undefined;

  constructor(
    private readonly group: readonly BoundStatement[],
    private readonly prepared: boolean,
    settle: Settle,
  ) {
    super('');
    this.callback = settle;
    // Tracing names the query after these. pg reads them only after `prepare`, which sets them again.
    const main = group.at(-1)?.statement;
    this.name = main?.name;
    this.text = main?.text ?? '';
  }

  requiresPreparation(): boolean {
    return true;
  }

  /**
   * Sends Parse (where needed), Bind and Execute for each statement, then one Sync. While another query prepares the same
   * statement, this one sends it without a name. Otherwise both would fail if the statement cannot be prepared.
   */
  prepare(connection: ExtendedProtocol): void {
    const { parsedStatements: parsed, submittedNamedStatements: submitted } = connection;
    this.protocol = connection;
    for (const { statement, values } of this.group) {
      const { text } = statement;
      const isPrepared = this.prepared && statement.name !== '' && submitted[statement.name] === undefined;
      const name = isPrepared ? statement.name : undefined;
      this.names.push(name);
      if (name === undefined || parsed[name] === undefined) {
        connection.parse({ text, name });
        if (name !== undefined) submitted[name] = text;
      }
      connection.bind({ statement: name, values, valueMapper: toText });
      connection.execute({});
    }
    connection.sync();
    this.expect(0);
  }

  handleDataRow({ fields }: { fields: TextRow }): void {
    this.received.push(fields);
  }

  handleCommandComplete({ text: tag }: { text: string }): void {
    this.results.push({ rows: this.received, count: Number(tag.slice(tag.lastIndexOf(' ') + 1)) });
    this.received = [];
    this.expect(this.results.length);
  }

  /** A warning arrives before the end of the statement that it is about. */
  handleNotice({ severity, message }: { severity: string | undefined; message: string | undefined }): void {
    const current = this.group[this.results.length]?.statement;
    if (severity !== 'WARNING' || current?.failsOnWarning === undefined) return;
    this.failure ??= databaseUnavailable(new Error(`${current.text}: ${message}`));
  }

  handleReadyForQuery(): void {
    if (this.failure) this.callback(this.failure);
    else this.callback(undefined, this.results);
  }

  /** The server skips the statements after the failed one and does not parse them. */
  handleError(error: Error): void {
    for (const name of this.names.slice(this.results.length)) {
      if (name !== undefined) delete this.protocol?.submittedNamedStatements[name];
    }
    this.callback(error);
  }

  private expect(index: number): void {
    this.name = this.names[index];
    this.text = this.group[index]?.statement.text ?? '';
  }
}

/** Called once, with an error or with the results. */
type Settle = (error: Error | undefined, results?: readonly StatementResult[]) => void;

function toText(value: Parameter): string | null {
  return value === null || typeof value === 'string' ? value : String(value);
}

/** The part of pg's connection that speaks the extended query protocol. */
interface ExtendedProtocol {
  /** By name: the statements that the server has parsed, and those that were sent to it. */
  readonly parsedStatements: Record<string, string | undefined>;
  readonly submittedNamedStatements: Record<string, string | undefined>;
  parse(message: { text: string; name: string | undefined }): void;
  bind(message: {
    statement: string | undefined;
    values: readonly Parameter[];
    valueMapper: (value: Parameter) => string | null;
  }): void;
  execute(message: object): void;
  sync(): void;
}
