import { describe, expect } from 'vitest';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { allTasks } from '../conformance/all-tasks.ts';
import { aUser } from '../conformance/builders.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';

const TASKS = 2_600;
/** Three creations only, which differ in their microseconds, and one task in five still to do. */
const SEED = `
  insert into tasks (user_id, id, number, title, completed, created_at, updated_at)
  select $1, gen_random_uuid(), n, 'Title ' || n % 4, n % 5 <> 0,
    timestamptz '2026-11-20 17:00:00.12345+00' + n % 3 * interval '1 microsecond', now()
  from generate_series(1, ${TASKS}) n`;

const it = itWithDatabase();

describe('a list of several pages', () => {
  it.for(['newest', 'title'] as const)(
    'has each of many tasks of the same time once, in order (%s)',
    async (order, { database, connect }) => {
      const owner = aUser();
      await database.query(SEED, [owner]);
      const tasks = new PostgresTaskRepository(connect()).ownedBy(owner);
      for (const completed of [undefined, true, false]) {
        const { rows } = await database.query(
          `select number from tasks where user_id = $1 and completed = coalesce($2, completed)
         order by ${order === 'title' ? 'title,' : ''} created_at desc, number desc`,
          [owner, completed],
        );
        const listed = await allTasks(tasks.list({ order, completed }));
        expect(listed.map(({ number }) => String(number))).toEqual(rows.map(({ number }) => number));
      }
    },
  );

  it('has the tasks that stay, while others come and go', async ({ database, connect }) => {
    const owner = aUser();
    await database.query(SEED, [owner]);
    const tasks = new PostgresTaskRepository(connect()).ownedBy(owner);
    for (const order of ['newest', 'title'] as const) {
      const { rows } = await database.query('select number from tasks where user_id = $1', [owner]);
      const staying = rows.map(({ number }) => Number(number)).filter((number) => number % 10 !== 0);
      const listed: number[] = [];
      let round = 0;
      for await (const batch of tasks.list({ order })) {
        listed.push(...batch.tasks.map(({ number }) => number));
        round += 1;
        await database.query('delete from tasks where user_id = $1 and number % 10 = 0 and number % 60 = $2', [
          owner,
          round * 10,
        ]);
        await database.query(
          `insert into tasks (user_id, id, number, title) values ($1, gen_random_uuid(), $2, 'Title 0')`,
          [owner, (order === 'title' ? 20_000 : 10_000) + round * 10],
        );
      }
      expect(round).toBeGreaterThan(4);
      expect(new Set(listed).size).toBe(listed.length);
      expect(listed.filter((number) => number % 10 !== 0).sort((a, b) => a - b)).toEqual(staying.sort((a, b) => a - b));
    }
  });
});
