import pg from 'pg';
import { connectionSettings, directConnectionString } from './connection-string.ts';
import { asUnavailable } from './database-errors.ts';

/** Works on one connection of its own, straight to the database: for what locks or sets something for a while. */
export async function onDirectConnection<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    ...connectionSettings(directConnectionString(url)),
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => {}); // what breaks the connection also rejects the statement that is under way
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw asUnavailable(error);
  } finally {
    await client.end();
  }
}
