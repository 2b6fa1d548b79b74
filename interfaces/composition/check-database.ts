import type { PostgresSchema, SchemaState } from '../../infrastructure/postgres/migrations/postgres-schema.ts';
import type { Verdict } from '../http/server/readiness.ts';

/**
 * A newer schema is fine: each migration keeps the previous version working, so that it can serve while its successor
 * starts. Without the migrations that this version needs, its statements would fail.
 */
const VERDICTS: Readonly<Record<SchemaState, Verdict>> = {
  current: { ready: true },
  newer: {
    ready: true,
    note: 'the schema is newer than this version of Taskwell: finish the upgrade of all instances',
  },
  unknown: { ready: true, note: 'the role of the server may not read which migrations were applied' },
  older: { ready: false, reason: 'the schema is older than this version of Taskwell: run taskwell migrate' },
};

/** Whether requests find the database that they need. @throws Unavailable while it is out of reach */
export async function checkDatabase(schema: Pick<PostgresSchema, 'state'>): Promise<Verdict> {
  return VERDICTS[await schema.state()];
}
