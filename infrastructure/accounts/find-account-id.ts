import { onDirectConnection } from '../postgres/connection/direct-connection.ts';
import { USER_TABLE } from './accounts-migrations.ts';

/** The user id of the account that has an e-mail address; `undefined` if none has it. Letter case does not matter. */
export function findAccountId(url: string, email: string): Promise<string | undefined> {
  return onDirectConnection(url, async (client) => {
    const { rows } = await client.query<{ id: string }>(`select id from ${USER_TABLE} where email = lower($1)`, [
      email,
    ]);
    return rows[0]?.id;
  });
}
