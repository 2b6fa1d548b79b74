/** SQL with a name. PostgreSQL parses it once per connection and then knows it by that name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** Set on statements that change nothing: they share the connections for reads. */
  readonly reads?: true;
}

/** A value for a parameter of a statement. */
export type Parameter = string | number | boolean | null;

/** A statement with the values of its parameters. */
export interface BoundStatement {
  readonly statement: Statement;
  readonly values: readonly Parameter[];
}

/** A row as PostgreSQL sends it: the text of each column, or null, in the order of the statement. */
export type TextRow = readonly (string | null)[];

export interface StatementResult {
  readonly rows: readonly TextRow[];
  /** Rows that the statement returned, inserted, updated or deleted. */
  readonly count: number;
}
