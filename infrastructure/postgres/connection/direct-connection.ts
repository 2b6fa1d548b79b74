import pg from 'pg';
import { connectionSettings, directConnectionString } from './connection-string.ts';
import { toUnavailable } from './database-errors.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** Runs `work` on a separate connection that bypasses a pooler, because locks and settings belong to a session. */
export async function onDirectConnection<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    ...connectionSettings(directConnectionString(url)),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  client.on('error', () => {}); // the pending query rejects as well
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw toUnavailable(error);
  } finally {
    await client.end();
  }
}
