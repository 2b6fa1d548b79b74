import { PositionsByOwner } from '../../application/positions-by-owner.ts';
import { InMemoryTaskRepository } from '../../infrastructure/in-memory/in-memory-task-repository.ts';
import { PostgresTaskPositions } from '../../infrastructure/postgres/tasks/postgres-task-positions.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { PREPARING, usesPooler } from '../support/pooler-for-tests.ts';
import { TickingClock } from '../support/ticking-clock.ts';
import { openWarmDatabase } from '../support/warm-database.ts';
import { itIsTaskPositions } from './task-positions.ts';

itIsTaskPositions('PositionsByOwner in memory', async () => {
  const tasks = new InMemoryTaskRepository(new TickingClock());
  return { tasks, positions: new PositionsByOwner(tasks) };
});

for (const prepare of PREPARING) {
  itIsTaskPositions(`PostgresTaskPositions ${prepare ? 'with' : 'without'} prepared statements`, async (onCleanup) => {
    const database = await openWarmDatabase({ prepare }, onCleanup);
    return { tasks: new PostgresTaskRepository(database), positions: new PostgresTaskPositions(database) };
  });
}

// PgBouncer does not pass the option of the connection on.
if (!usesPooler) {
  itIsTaskPositions('PositionsByOwner in transactions as Citus needs them', async (onCleanup) => {
    const tasks = new PostgresTaskRepository(await openWarmDatabase({ engine: 'citus' }, onCleanup));
    return { tasks, positions: new PositionsByOwner(tasks) };
  });
}
