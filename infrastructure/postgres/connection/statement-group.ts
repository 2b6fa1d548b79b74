import pg from 'pg';

/** A row as PostgreSQL sends it: each column's text, or null, in the order of the statement. */
export type TextRow = readonly (string | null)[];

/** A value for a place in a statement. */
export type Parameter = string | number | boolean | null;

/**
 * The rows of a statement.
 *
 * @param name under which the statement stays prepared; `undefined`: it does not
 * @throws as pg does
 */
export function textRows<Row extends TextRow>(
  client: pg.Client,
  text: string,
  name: string | undefined,
  values: readonly Parameter[],
): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    // the statement and its row type stand side by side
    const settle: Settle = (error, rows = []) => (error ? reject(error) : resolve(rows as readonly Row[]));
    client.query(new TextRowsQuery(text, name, values, settle));
  });
}

/**
 * A statement whose columns are known to whoever asks: PostgreSQL does not describe them with every answer, and no object
 * is made of each row.
 *
 * Its methods are those that pg's client and `pg.Query.submit` call (pg 8, lib/client.js and lib/query.js).
 */
class TextRowsQuery extends pg.Query {
  declare readonly text: string;
  /** pg puts another in its place, which stops the clock of `query_timeout`. */
  callback: Settle;
  private readonly received: TextRow[] = [];

  constructor(
    text: string,
    /** `undefined` once it goes without. */
    private name: string | undefined,
    readonly values: readonly Parameter[],
    settle: Settle,
  ) {
    super(text);
    this.callback = settle;
  }

  requiresPreparation(): boolean {
    return true;
  }

  /**
   * Parse where need be, Bind, Execute, Sync: what pg sends, without Describe. While the statement is on its way to be
   * prepared for another query, this one goes without its name: if it cannot be prepared, that is the other's fault alone.
   */
  prepare(connection: PipelinedProtocol): void {
    const { parsedStatements: parsed, submittedNamedStatements: submitted } = connection;
    if (this.name !== undefined && submitted[this.name] !== undefined) this.name = undefined;
    const { name, text, values } = this;
    if (name === undefined || parsed[name] === undefined) {
      connection.parse({ text, name });
      if (name !== undefined) submitted[name] = text;
    }
    connection.bind({ statement: name, values, valueMapper: textOf });
    connection.execute({});
    connection.sync();
  }

  handleDataRow({ fields }: { fields: TextRow }): void {
    this.received.push(fields);
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.callback(undefined, this.received);
  }

  handleError(error: Error): void {
    this.callback(error);
  }
}

/** Told of an error, or of rows. */
type Settle = (error: Error | undefined, rows?: readonly TextRow[]) => void;

function textOf(value: Parameter): string | null {
  return value === null || typeof value === 'string' ? value : String(value);
}

/** What pg's connection has for the extended query protocol. */
interface PipelinedProtocol {
  /** By name, what the server has parsed, and what is on its way there. */
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
