import { InMemoryTaskRepository } from '../../infrastructure/in-memory/in-memory-task-repository.ts';
import type { PostgresSettings } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { PREPARING, usesPooler } from '../support/pooler-for-tests.ts';
import { TickingClock } from '../support/ticking-clock.ts';
import { openWarmDatabase } from '../support/warm-database.ts';
import { itIsATaskRepository } from './task-repository.ts';

itIsATaskRepository('InMemoryTaskRepository', async () => new InMemoryTaskRepository(new TickingClock()));

const VARIANTS: readonly (readonly [what: string, settings: Partial<PostgresSettings>])[] = [
  ...PREPARING.map((prepare) => [`${prepare ? 'with' : 'without'} prepared statements`, { prepare }] as const),
  // PgBouncer does not pass the option of the connection on.
  ...(usesPooler ? [] : [['in transactions as Citus needs them', { engine: 'citus' }] as const]),
];

for (const [what, settings] of VARIANTS) {
  itIsATaskRepository(
    `PostgresTaskRepository ${what}`,
    async (onCleanup) => new PostgresTaskRepository(await openWarmDatabase(settings, onCleanup)),
  );
}
