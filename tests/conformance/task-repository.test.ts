import { InMemoryTaskRepository } from '../../infrastructure/in-memory/in-memory-task-repository.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { PREPARING } from '../support/pooler-for-tests.ts';
import { TickingClock } from '../support/ticking-clock.ts';
import { openWarmDatabase } from '../support/warm-database.ts';
import { itIsATaskRepository } from './task-repository.ts';

itIsATaskRepository('InMemoryTaskRepository', async () => new InMemoryTaskRepository(new TickingClock()));

for (const prepare of PREPARING) {
  const name = `PostgresTaskRepository ${prepare ? 'with' : 'without'} prepared statements`;
  itIsATaskRepository(
    name,
    async (onCleanup) => new PostgresTaskRepository(await openWarmDatabase(prepare, onCleanup)),
  );
}
