import pg from 'pg';
import { connectionSettings, directConnectionString } from './connection-string.ts';
import { toUnavailable } from './database-errors.ts';

/** How long making the connection may take. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Runs `work` on a connection of its own that bypasses a pooler, for work that needs a session: locks, settings, transactions. */
export async function onDirectConnection<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    ...connectionSettings(directConnectionString(url)),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on('error', () => {}); // the statement under way is rejected as well
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw toUnavailable(error);
  } finally {
    await client.end();
  }
}
