import { describe, expect } from 'vitest';
import { SearchWords } from '../../domain/search-words.ts';
import { PostgresDatabase } from '../../infrastructure/postgres/connection/postgres-database.ts';
import type { Parameter } from '../../infrastructure/postgres/connection/statement.ts';
import { searchValues } from '../../infrastructure/postgres/tasks/search-condition.ts';
import { STATEMENTS } from '../../infrastructure/postgres/tasks/statements.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';

/** 100,000 tasks: a thousand users of 50 each, and one of 50,000 with one task in a hundred still to do. */
const SEED = `
  insert into tasks (user_id, id, number, position, title, completed, created_at)
  select 'user-' || u, gen_random_uuid(), n, n, 'Task ' || n, n % 3 = 0, now() - n * interval '1 minute'
  from generate_series(1, 1000) u, generate_series(1, 50) n
  union all
  select 'hoarder', gen_random_uuid(), n, n, 'Task ' || n, n % 100 <> 0, now() - n * interval '1 second'
  from generate_series(1, 50000) n`;

/** Every counter, and a deletion and an idempotency key for each task. */
const SEED_MORE = [
  `insert into task_counters select user_id, max(number), 2 * max(number) from tasks group by user_id`,
  `insert into task_deletions select user_id, number, id, number from tasks`,
  `insert into idempotency_keys
   select user_id, number, 'fingerprint', id, number, number, now() - number * interval '1 minute' from tasks`,
];

const VALUES: Record<string, readonly [user: string, ...Parameter[]]> = {
  taskwell_insert_task: ['user-7', crypto.randomUUID(), 'Buy groceries', null],
  taskwell_create_task: ['user-7', crypto.randomUUID(), 'Buy groceries', null],
  taskwell_next_number: ['user-7'],
  taskwell_lock_counter: ['user-7'],
  taskwell_remove_all_tasks: ['user-7'],
  taskwell_remove_counter: ['user-7'],
  taskwell_forget_keys: ['user-7', 'key'],
  taskwell_find_key: ['user-7', 'key'],
  taskwell_remember_key: ['user-7', 'key', 'fingerprint', crypto.randomUUID()],
  taskwell_read_changes: ['user-7', 20, 0, 20, 100],
  id: ['user-7', crypto.randomUUID()],
  number: ['user-7', 7],
  taskwell_list_newest_after: ['user-7', '1795885200123456', 7],
  taskwell_list_newest_by_completion_after: ['user-7', false, '1795885200123456', 7],
  taskwell_page_newest: ['user-7', 101, '1795885200123456', 7],
  taskwell_page_title: ['user-7', 101, '1795885200123456', 7, 'Task 5'],
  taskwell_list_by_numbers: ['user-7', '{1,2,3}'],
  taskwell_list_whole: ['user-7', '{1,2,3}'],
};
const SEARCH = searchValues(SearchWords('task'), undefined);
const CHANGE: readonly Parameter[] = [null, false, null, true, 'Buy milk', true, null];

function valuesFor(name: string): readonly [user: string, ...Parameter[]] {
  const key = VALUES[name] ?? VALUES[name.split('_').at(-1)!] ?? ['user-7'];
  if (name.endsWith('_by_completion')) return [...(VALUES[name.replace('_by_completion', '')] ?? ['user-7']), false];
  if (name.endsWith('_by_search')) return [...(VALUES[name.replace('_by_search', '')] ?? ['user-7']), ...SEARCH];
  if (name.includes('remove_task') || name.includes('record_deletion')) return [...key, null];
  return /(change|update)_task/.test(name) ? [...key, ...CHANGE] : key;
}

interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly Plan[];
}

/** The nodes of the plan of a statement. */
type PlanOf = (text: string, values: readonly [user: string, ...Parameter[]]) => Promise<readonly Plan[]>;

/** `planOf` explains a statement on a database with the tasks of SEED, as the server runs it. */
const it = itWithDatabase().extend(
  'planOf',
  { scope: 'file' },
  async ({ database }, { onCleanup }): Promise<PlanOf> => {
    await database.query(SEED);
    for (const statement of SEED_MORE) await database.query(statement);
    await database.query('analyze');
    const connections = new PostgresDatabase({ url: database.url, poolSize: 1, prepare: false, timeout: 30_000 });
    onCleanup(() => connections.close());
    return async (text, values) => {
      const explain = { name: '', text: `explain (format json) ${text}`, reads: true } as const;
      const [[json] = []] = await connections.run(explain, values, values[0]);
      const flat = (plan: Plan): readonly Plan[] => [plan, ...(plan.Plans ?? []).flatMap(flat)];
      return flat(JSON.parse(json ?? '')[0].Plan);
    };
  },
);

async function indexesOf(
  planOf: PlanOf,
  name: string,
  values: readonly [user: string, ...Parameter[]],
): Promise<string[]> {
  const nodes = await planOf(STATEMENTS.find((statement) => statement.name === name)!.text, values);
  return nodes.map((node) => node['Index Name'] ?? node['Node Type']);
}

describe('on 100,000 tasks', () => {
  it.for(STATEMENTS.map((statement) => [statement.name, statement.text] as const))(
    '%s scans no table sequentially',
    async ([name, text], { planOf }) => {
      const nodes = await planOf(text, valuesFor(name));
      expect(nodes.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    },
  );

  it('lists 50,000 tasks newest first from an index, without a sort', async ({ planOf }) => {
    const index = ['Limit', 'Result', 'tasks_user_id_created_at_idx']; // Result checks once that the users are the same
    expect(await indexesOf(planOf, 'taskwell_list_newest', ['hoarder'])).toEqual(index);
    const position = [Date.now() * 1_000, 25_000] as const;
    expect(await indexesOf(planOf, 'taskwell_list_newest_after', ['hoarder', ...position])).toEqual(index);
    const byCompletion = ['hoarder', true, ...position] as const;
    expect(await indexesOf(planOf, 'taskwell_list_newest_by_completion_after', byCompletion)).toEqual(index);
  });

  it('reads a page of 50,000 tasks from an index, without a sort, wherever it begins', async ({ planOf }) => {
    for (const place of [
      [Number.MAX_SAFE_INTEGER, 0],
      [Date.now() * 1_000, 25_000],
    ]) {
      const index = ['Limit', 'Result', 'tasks_user_id_created_at_idx'];
      expect(await indexesOf(planOf, 'taskwell_page_newest', ['hoarder', 101, ...place])).toEqual(index);
      const byCompletion = await indexesOf(planOf, 'taskwell_page_newest_by_completion', [
        'hoarder',
        101,
        ...place,
        true,
      ]);
      expect(byCompletion.filter((node) => node.startsWith('tasks_')).sort()).toEqual([
        'tasks_user_id_completed_position_idx',
        'tasks_user_id_created_at_idx',
      ]);
    }
  });

  it('reads a page of a search in the order of the list, and not all tasks first', async ({ planOf }) => {
    for (const search of [SEARCH, searchValues(SearchWords('no such words'), false)]) {
      const values = ['hoarder', 101, Date.now() * 1_000, 25_000, ...search] as const;
      const nodes = await indexesOf(planOf, 'taskwell_page_newest_by_search', values);
      expect(nodes).toContain('tasks_user_id_created_at_idx');
      expect(nodes).not.toContain('Sort');
    }
  });

  it('reads what changed from the indexes, without reading more than it returns', async ({ planOf }) => {
    const nodes = await planOf(STATEMENTS.find(({ name }) => name === 'taskwell_read_changes')!.text, [
      'hoarder',
      25_000,
      0,
      25_000,
      100,
    ]);
    const indexes = nodes.flatMap((node) => node['Index Name'] ?? []);
    const positions = 'tasks_user_id_completed_position_idx'; // once for pending tasks, once for completed ones
    expect(indexes.sort()).toEqual(['task_counters_pkey', 'task_deletions_pkey', positions, positions]);
  });

  it('finds a few pending tasks among many with an index', async ({ planOf }) => {
    const nodes = await indexesOf(planOf, 'taskwell_list_newest_by_completion', ['hoarder', false]);
    expect(nodes).toContain('tasks_user_id_completed_position_idx');
  });
});
