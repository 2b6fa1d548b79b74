import pg from 'pg';
import { Unavailable } from '../../application/application-errors.ts';
import { InvalidValue } from '../../domain/domain-errors.ts';
import { EmbeddedPostgresUnavailable } from '../../infrastructure/embedded-postgres/embedded-postgres-unavailable.ts';
import { SchemaChangeRefused } from '../../infrastructure/postgres/migrations/schema-change-refused.ts';
import { ConfigurationInvalid } from './configuration/configuration.ts';
import { explainDatabaseError, explainRefusedStatement } from './database-remedies.ts';

/** The exit code of a configuration error: EX_CONFIG of sysexits.h. */
const EX_CONFIG = 78;

/** An error that the operator can fix. The message says how. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}

const OPERATOR_ERRORS = [OperatorError, EmbeddedPostgresUnavailable, SchemaChangeRefused, InvalidValue] as const;

/** The text to print for an error, and the exit code. Only unexpected errors include the stack. */
export function explainError(error: unknown): { text: string; exitCode: number } {
  if (error instanceof ConfigurationInvalid) {
    const faults = error.faults.map((fault) => `\n  ${fault}`).join('');
    return { text: `The configuration is not usable:${faults}`, exitCode: EX_CONFIG };
  }
  return { text: explainFailure(error), exitCode: 1 };
}

function explainFailure(error: unknown): string {
  if (error instanceof Unavailable) return explainDatabaseError(error.cause);
  if (error instanceof pg.DatabaseError) return explainRefusedStatement(error);
  if (!(error instanceof Error)) return String(error);
  return OPERATOR_ERRORS.some((type) => error instanceof type) ? error.message : (error.stack ?? error.message);
}
