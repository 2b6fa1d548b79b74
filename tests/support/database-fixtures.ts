import { it, type TestContext } from 'vitest';
import {
  PostgresDatabase,
  type PostgresOptions,
  type PostgresSettings,
} from '../../infrastructure/postgres/connection/postgres-database.ts';
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from './test-database.ts';

type OnTestFinished = Pick<TestContext, 'onTestFinished'>;

/**
 * `it` with these fixtures:
 *
 * - `database`: a database shared by the tests of the file
 * - `createDatabase`: creates another database, for this test alone
 * - `connect`: opens a PostgresDatabase on `database`, for this test alone
 *
 * Call it at the top level of a test file, where Vitest allows fixtures that last as long as the file.
 */
export function itWithDatabase(options: TestDatabaseOptions = {}) {
  return it
    .extend('databaseOptions', { scope: 'file' }, options)
    .extend('database', { scope: 'file' }, async ({ databaseOptions }, { onCleanup }) => {
      const database = await createTestDatabase(databaseOptions);
      onCleanup(() => database.drop());
      return database;
    })
    .extend('createDatabase', createForTest)
    .extend('connect', connectForTest);
}

/** `it` with the fixtures of `itWithDatabase`, except that each test has a `database` of its own. */
export function itWithDatabasePerTest(options: TestDatabaseOptions = {}) {
  return it
    .extend('createDatabase', createForTest)
    .extend('database', ({ createDatabase }) => createDatabase(options))
    .extend('connect', connectForTest);
}

function createForTest({ onTestFinished }: OnTestFinished) {
  return async (options?: TestDatabaseOptions): Promise<TestDatabase> => {
    const database = await createTestDatabase(options);
    onTestFinished(() => database.drop());
    return database;
  };
}

function connectForTest({ database, onTestFinished }: OnTestFinished & { database: TestDatabase }) {
  return (settings: Partial<PostgresSettings> = {}, options?: PostgresOptions): PostgresDatabase => {
    const { DATABASE_URL: url, DATABASE_PREPARE } = database.settings;
    const defaults = { url, poolSize: 10, prepare: DATABASE_PREPARE === 'on', timeout: 20_000 };
    const connections = new PostgresDatabase({ ...defaults, ...settings }, options);
    onTestFinished(() => connections.close());
    return connections;
  };
}
