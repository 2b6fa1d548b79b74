/** A statement that PostgreSQL parses once for each connection and then knows by its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** That it changes nothing. */
  readonly reads?: true;
}

/**
 * What a task consists of, in the order of `TaskRow`: `*` would break prepared statements on the day when a column is
 * added. Its owner is not among it, being known to whoever asks.
 */
const COLUMNS = 'id, number, title, description, completed, created_at, updated_at, version';

/** The two names a task goes by, each with its condition. */
const KEYS = { id: 'id = $2', number: 'number = $2' } as const;

const NEWEST_FIRST = 'created_at desc, number desc';
/** ICU's root collation sorts alike on every system; PostgreSQL has it wherever it was built with ICU. */
const BY_TITLE = `lower(title collate "und-x-icu"), ${NEWEST_FIRST}`;

/** The task's number and the task in one atomic step: the counter's row stays locked until both are there. */
export const INSERT_TASK: Statement = {
  name: 'taskwell_insert_task',
  text: `
    with counter as (
      insert into task_counters as mine (user_id, last_number) values ($1, 1)
      on conflict (user_id) do update set last_number = mine.last_number + 1 where mine.user_id = $1
      returning last_number
    )
    insert into tasks (user_id, id, number, title, description)
    select $1, $2, counter.last_number, $3, $4 from counter
    returning ${COLUMNS}`,
};

export const FIND_TASK = byKey('find_task', (key) => `select ${COLUMNS} from tasks where user_id = $1 and ${key}`, {
  reads: true,
});

/** $3 title, or null: stays. $4 whether the description changes, $5 to what. $6 completed, or null: stays. $7 whether to flip it. */
export const CHANGE_TASK = byKey(
  'change_task',
  (key) => `
    update tasks set
      title = coalesce($3, title),
      description = case when $4::boolean then $5 else description end,
      completed = case when $7::boolean then not completed else coalesce($6, completed) end,
      updated_at = greatest(updated_at, now()),
      version = version + 1
    where user_id = $1 and ${key}
    returning ${COLUMNS}`,
);

export const REMOVE_TASK = byKey(
  'remove_task',
  (key) => `delete from tasks where user_id = $1 and ${key} returning id`,
);

/**
 * The counter comes first, as it does in INSERT_TASK. To be run at one moment: by itself it would wait at the counter
 * for an insert, and then not see the task of it.
 */
export const REMOVE_ALL_TASKS: Statement = {
  name: 'taskwell_remove_all_tasks',
  text: `
    with counter as (delete from task_counters where user_id = $1 returning last_number),
    mine as (delete from tasks where user_id = $1 returning id)
    select (select last_number from counter) as last_number, (select count(id) from mine) as tasks`,
};

export const LIST_TASKS = {
  newest: list('newest', NEWEST_FIRST),
  title: list('by_title', BY_TITLE),
} as const;

/** All of them, for whoever wants to look them over. */
export const STATEMENTS: readonly Statement[] = [
  INSERT_TASK,
  REMOVE_ALL_TASKS,
  ...[FIND_TASK, CHANGE_TASK, REMOVE_TASK].flatMap(({ id, number }) => [id, number]),
  ...[LIST_TASKS.newest, LIST_TASKS.title].flatMap(({ all, byCompletion }) => [all, byCompletion]),
];

function byKey(
  name: string,
  text: (key: string) => string,
  kind: Pick<Statement, 'reads'> = {},
): { id: Statement; number: Statement } {
  return {
    id: { name: `taskwell_${name}_by_id`, text: text(KEYS.id), ...kind },
    number: { name: `taskwell_${name}_by_number`, text: text(KEYS.number), ...kind },
  };
}

function list(name: string, order: string): { all: Statement; byCompletion: Statement } {
  const select = `select ${COLUMNS} from tasks where user_id = $1`;
  return {
    all: { name: `taskwell_list_${name}`, text: `${select} order by ${order}`, reads: true },
    byCompletion: {
      name: `taskwell_list_${name}_by_completion`,
      text: `${select} and completed = $2 order by ${order}`,
      reads: true,
    },
  };
}
