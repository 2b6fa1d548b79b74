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
    const settle: Settle = (error, rows = []) => (error ? reject(error) : resolve(rows as readonly Row[])); // the statement and its row type stand side by side
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
   * Parse where need be, Bind, Execute, Sync: what pg sends, without Describe. While another has the statement prepared,
   * it goes without its name: if that fails, it fails for the other alone.
   */
  prepare(connection: PipelinedProtocol): void {
    const { text, values } = this;
    const { parsedStatements: parsed, submittedNamedStatements: submitted } = connection;
    const known = this.name !== undefined && parsed[this.name] !== undefined;
    if (!known) {
      if (this.name !== undefined && submitted[this.name] !== undefined) this.name = undefined;
      connection.parse({ text, name: this.name });
      if (this.name !== undefined) submitted[this.name] = text;
    }
    connection.bind({ statement: this.name, values, valueMapper: textOf });
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

/** Of one of the two it is told. */
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
