import * as v from 'valibot';
import { ConnectionStringInvalid } from '../../../infrastructure/postgres/connection/connection-string-invalid.ts';
import { parseConnectionString } from '../../../infrastructure/postgres/connection/connection-target.ts';
import { maskConnectionString } from '../../../infrastructure/postgres/connection/mask-connection-string.ts';
import { oneOf, requiredIf, type ShownSetting, text, wholeNumber } from './setting-schemas.ts';

export type DatabaseSettings = Readonly<v.InferOutput<ReturnType<typeof databaseSettings>>>;

/** Reads which database stores the tasks. @param required whether `DATABASE_URL` must be set */
export function databaseSettings(required: boolean) {
  return v.pipe(
    v.object(
      {
        DATABASE_URL: requiredIf(required, databaseUrl),
        MIGRATION_DATABASE_URL: v.optional(databaseUrl),
        DATABASE_ENGINE: v.optional(oneOf(['postgresql', 'citus']), 'postgresql'),
        ROW_SECURITY: v.optional(oneOf(['required', 'optional']), 'optional'),
        DATABASE_POOL_SIZE: v.optional(wholeNumber({ min: 1, max: 1000, example: 10 }), '10'),
        DATABASE_PREPARE: v.optional(oneOf(['on', 'off']), 'on'),
        DATABASE_TIMEOUT: v.optional(wholeNumber({ min: 1, max: 600, example: 5 }), '5'),
        DATA_DIR: v.optional(folder, 'data'),
      },
      'is required in staging and production',
    ),
    v.transform((set) => ({
      /** `undefined`: the embedded database. */
      databaseUrl: set.DATABASE_URL,
      /** Signs in the owner of the tables; `undefined`: `DATABASE_URL` does. */
      migrationDatabaseUrl: set.MIGRATION_DATABASE_URL,
      databaseEngine: set.DATABASE_ENGINE,
      /** Whether the server refuses to start as a role that row-level security does not bind. */
      rowSecurityRequired: set.ROW_SECURITY === 'required',
      /** The maximum number of connections of each worker. */
      databasePoolSize: set.DATABASE_POOL_SIZE,
      /** Whether statements are prepared under a name. */
      databasePrepare: set.DATABASE_PREPARE === 'on',
      /** Seconds after which a request that waits for the database is refused. */
      databaseTimeout: set.DATABASE_TIMEOUT,
      /** Holds the embedded database and, in dev, the generated secret. */
      dataDir: set.DATA_DIR,
    })),
  );
}

const folder = v.pipe(
  text,
  v.check((path) => !path.startsWith('~'), 'begins with ~, which only a shell expands: write the full path'),
);

export function describeDatabaseSettings(settings: DatabaseSettings): readonly ShownSetting[] {
  const { databaseUrl, migrationDatabaseUrl } = settings;
  const embedded = databaseUrl === undefined;
  return [
    ['DATABASE_URL', embedded ? '(embedded database)' : maskConnectionString(databaseUrl)],
    [
      'MIGRATION_DATABASE_URL',
      migrationDatabaseUrl === undefined ? '(as DATABASE_URL)' : maskConnectionString(migrationDatabaseUrl),
    ],
    ['DATABASE_ENGINE', settings.databaseEngine],
    ['ROW_SECURITY', settings.rowSecurityRequired ? 'required' : 'optional'],
    ['DATABASE_POOL_SIZE', String(settings.databasePoolSize)],
    ['DATABASE_PREPARE', settings.databasePrepare ? 'on' : 'off'],
    ['DATABASE_TIMEOUT', `${settings.databaseTimeout} s`],
    ['DATA_DIR', settings.dataDir],
  ];
}

const EXAMPLE = 'postgresql://user:password@host:5432/name';

const databaseUrl = v.pipe(
  text,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    try {
      parseConnectionString(dataset.value);
    } catch (error) {
      if (!(error instanceof ConnectionStringInvalid)) throw error;
      const received = maskConnectionString(dataset.value);
      addIssue({ message: `${error.message}. It must look like ${EXAMPLE}, but is ${received}` });
    }
  }),
);
