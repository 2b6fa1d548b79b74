import type { UserId } from '../../../domain/user-id.ts';
import type { DatabaseEngine } from '../connection/group-frame.ts';
import type { PostgresDatabase } from '../connection/postgres-database.ts';
import type { Parameter, Statement, StatementResult, TextRow } from '../connection/statement.ts';

/** A statement with the parameters behind the owner. */
export type OwnerStatement = readonly [statement: Statement, ...values: Parameter[]];

/** Runs statements for one owner, who is the first parameter of each and the user of row-level security. */
export class OwnerStatements {
  constructor(
    private readonly database: PostgresDatabase,
    readonly owner: UserId,
  ) {}

  get engine(): DatabaseEngine {
    return this.database.engine;
  }

  /** Runs statements as one transaction in one round trip. */
  runGroup(statements: readonly OwnerStatement[]): Promise<readonly StatementResult[]> {
    const group = statements.map(([statement, ...values]) => ({ statement, values: [this.owner, ...values] }));
    return this.database.runGroup(group, this.owner);
  }

  /** Runs one statement, and returns its rows. */
  async run(...statement: OwnerStatement): Promise<readonly TextRow[]> {
    const [result] = await this.runGroup([statement]);
    return result?.rows ?? [];
  }
}
