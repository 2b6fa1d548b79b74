import { afterAll } from 'vitest';
import { InMemoryTaskRepository } from '../../infrastructure/in-memory/in-memory-task-repository.ts';
import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { TickingClock } from '../support/ticking-clock.ts';
import { itIsATaskRepository } from './task-repository.ts';

const POOL = 10;
const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

itIsATaskRepository('InMemoryTaskRepository', async () => new InMemoryTaskRepository(new TickingClock()));

for (const prepare of [true, false]) {
  const name = `PostgresTaskRepository ${prepare ? 'with' : 'without'} prepared statements`;
  itIsATaskRepository(name, async () => {
    const test = await createTestDatabase();
    closing.push(() => test.drop());
    const database = new PostgresDatabase({ url: test.url, poolSize: POOL, prepare, timeout: 10_000 });
    closing.push(() => database.close());
    // A cold pool lets the first of several calls finish before the second has a connection: no race at all.
    const wait = { name: 'wait', text: 'select pg_sleep(0.05)' };
    await Promise.all(Array.from({ length: POOL }, () => database.run(wait, [])));
    return new PostgresTaskRepository(database);
  });
}
