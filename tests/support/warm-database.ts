import { PostgresDatabase, type PostgresSettings } from '../../infrastructure/postgres/connection/postgres-database.ts';
import type { OnCleanup } from '../conformance/cleanup.ts';
import { createTestDatabase } from './test-database.ts';

const POOL_SIZE = 10;

/**
 * Opens all connections to a new test database. With a cold pool, the first of several calls ends before the second has a
 * connection, so that they never race.
 */
export async function openWarmDatabase(
  settings: Partial<PostgresSettings>,
  onCleanup: OnCleanup,
): Promise<PostgresDatabase> {
  const test = await createTestDatabase();
  onCleanup(() => test.drop());
  const database = new PostgresDatabase({
    url: test.settings.DATABASE_URL,
    poolSize: POOL_SIZE,
    prepare: true,
    timeout: 60_000,
    ...settings,
  });
  onCleanup(() => database.close());
  const wait = { name: 'wait', text: 'select pg_sleep(0.05)' };
  await Promise.all(Array.from({ length: POOL_SIZE }, () => database.run(wait, [])));
  return database;
}
