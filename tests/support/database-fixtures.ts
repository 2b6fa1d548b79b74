import { it } from 'vitest';
import { createTestDatabase, type TestDatabaseOptions } from './test-database.ts';

/**
 * `it` with the fixture `database`: one shared by the tests of the file and dropped after the last of them. Call it at
 * the top level of a test file, where Vitest allows fixtures that last as long as the file.
 */
export function itWithDatabase(options: TestDatabaseOptions = {}) {
  return it
    .extend('databaseOptions', { scope: 'file' }, options)
    .extend('database', { scope: 'file' }, async ({ databaseOptions }, { onCleanup }) => {
      const database = await createTestDatabase(databaseOptions);
      onCleanup(() => database.drop());
      return database;
    });
}
