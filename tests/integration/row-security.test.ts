import { describe, expect, vi } from 'vitest';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { STATEMENTS } from '../../infrastructure/postgres/tasks/statements.ts';
import { actionsOn } from '../conformance/actions.ts';
import { aNewTask, aUser } from '../conformance/builders.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';
import { isolationSuite } from '../support/isolation-suite.ts';

vi.mock(import('../../infrastructure/postgres/tasks/change-statements.ts'), forgetful);
vi.mock(import('../../infrastructure/postgres/tasks/erase-statements.ts'), forgetful);
vi.mock(import('../../infrastructure/postgres/tasks/idempotency-key-statements.ts'), forgetful);
vi.mock(import('../../infrastructure/postgres/tasks/list-statements.ts'), forgetful);
vi.mock(import('../../infrastructure/postgres/tasks/page-statements.ts'), forgetful);
vi.mock(import('../../infrastructure/postgres/tasks/state-statements.ts'), forgetful);
vi.mock(import('../../infrastructure/postgres/tasks/task-statements.ts'), forgetful);

async function forgetful<Module extends object>(importOriginal: () => Promise<Module>): Promise<Module> {
  const { forgetUser } = await import('../support/forgetful-statements.ts');
  return forgetUser({ ...(await importOriginal()) });
}

const it = itWithDatabase();

describe('row-level security, with statements that forgot their user', () => {
  it('is the only lock: no statement names the user in a condition', async ({ database, connect }) => {
    expect(STATEMENTS.filter(({ text }) => /user_id = \$1/.test(text))).toEqual([]);
    const unbound = new PostgresTaskRepository(connect({ url: database.ownerUrl }));
    await actionsOn(unbound.ownedBy(aUser())).add(aNewTask());
    const everything = await actionsOn(unbound.ownedBy(aUser())).list({ completed: undefined, order: 'newest' });
    expect(everything).not.toEqual([]);
  });

  isolationSuite(it, 'bound');
});
