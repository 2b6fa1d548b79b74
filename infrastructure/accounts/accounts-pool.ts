import { APIError, BASE_ERROR_CODES } from 'better-auth';
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';

/**
 * The connections of Better Auth. An e-mail address that is taken is an error of Better Auth here. Its own check comes
 * before the password is hashed, so two sign-ups at once both pass it. It then hides why the user could not be created,
 * unless it gets an error of its own.
 */
export function accountsPool(pool: pg.Pool): PostgresPool {
  return {
    connect: async () => accountsClient(await pool.connect()),
    end: () => pool.end(),
  };
}

function accountsClient(client: PostgresPoolClient): PostgresPoolClient {
  function query<Row>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  function query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  function query<Row>(query: string | PostgresCursor<Row>, parameters: readonly unknown[] = []) {
    if (typeof query !== 'string') return client.query(query);
    return client.query<Row>(query, parameters).catch((error: unknown) => {
      if (!isTakenEmail(error)) throw error;
      throw APIError.from('UNPROCESSABLE_ENTITY', BASE_ERROR_CODES.USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL);
    });
  }
  return { query, release: () => client.release() };
}

/** 23505 unique_violation. */
function isTakenEmail(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '23505' && error.constraint === 'user_email_key';
}
