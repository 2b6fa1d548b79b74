import { itWithDatabase } from './database-fixtures.ts';
import { serving } from './serving.ts';

/**
 * `it` with the fixtures of `itWithDatabase` and with `serve`, which runs `taskwell serve` within this process, for this
 * test alone. Its database is `database`, unless the settings name another.
 */
export function itWithServer() {
  return itWithDatabase().extend(
    'serve',
    ({ database, onTestFinished }) =>
      async (settings: Readonly<Record<string, string>>) => {
        const server = await serving({ ...database.settings, ...settings });
        onTestFinished(() => server.stop());
        return server;
      },
  );
}
