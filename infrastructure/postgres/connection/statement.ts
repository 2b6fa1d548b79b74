/** An SQL statement with a name, under which PostgreSQL prepares it once per connection. */
export interface Statement {
  /** '' if the statement is not prepared. */
  readonly name: string;
  readonly text: string;
  /** Set if the statement changes nothing. It then uses the connections for reads. */
  readonly reads?: true;
  /** Set if a warning of the database means that the statement may not have taken effect. */
  readonly failsOnWarning?: true;
  /** Set if the statement can take seconds. It then uses a connection on which few other statements wait for it. */
  readonly slow?: true;
}

/** The value of a parameter of a statement. */
export type Parameter = string | number | boolean | null;

/** A statement with the values of its parameters. */
export interface BoundStatement {
  readonly statement: Statement;
  readonly values: readonly Parameter[];
}

/** A row as PostgreSQL sends it: the text of each column, or null, in the order of the columns. */
export type TextRow = readonly (string | null)[];

export interface StatementResult {
  readonly rows: readonly TextRow[];
  /** The number of rows that the statement returned, inserted, updated or deleted. */
  readonly count: number;
}
