import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STATEMENTS, STATEMENTS_ACROSS_USERS } from '../../infrastructure/postgres/tasks/statements.ts';

const MIGRATIONS = join(import.meta.dirname, '../../migrations');
const sql = readdirSync(MIGRATIONS).map((file) => readFileSync(join(MIGRATIONS, file), 'utf8').toLowerCase());
const TABLES = sql.flatMap((text) => [...text.matchAll(/create table (\w+)/g)].map(([, name]) => name!));

const NAMED = new RegExp(`\\b(from|into|update|join)\\s+(${TABLES.join('|')})\\b`, 'g');

/** Every table that a statement names, with the text that follows it in its own query, up to the next table there. */
function uses(text: string): { table: string; verb: string; rest: string }[] {
  return [...text.matchAll(NAMED)].map((match) => ({
    verb: match[1]!,
    table: match[2]!,
    rest: withoutSubqueries(text.slice(match.index + match[0].length))
      .split(NAMED)[0]!
      .trimEnd(),
  }));
}

/** The text up to the parenthesis that closes the query, with each subquery as `()`. */
function withoutSubqueries(text: string): string {
  let depth = 0;
  let end = 0;
  while (end < text.length && depth >= 0) {
    if (text[end] === '(') depth += 1;
    if (text[end] === ')') depth -= 1;
    end += 1;
  }
  let query = depth < 0 ? text.slice(0, end - 1) : text;
  for (let shorter = ''; shorter !== query; ) {
    shorter = query;
    query = query.replace(/\((?!\))[^()]*\bselect\b[^()]*\)|\(\(\)\)/g, '()').replace(/(\w)\(([^()]*)\)/g, '$1<$2>');
  }
  return query;
}

/** What is missing for each use of a table to be one user's alone. */
function leaks(text: string): string[] {
  return uses(text.toLowerCase().replace(/\s+/g, ' ')).flatMap(({ verb, table, rest }) => {
    const bound =
      verb === 'into'
        ? /^( as \w+)? \(user_id,[^)]*\) (values \(\$1[,)]|select user_id,)/.test(rest) &&
          (!rest.includes('do update') || /do update set [^;]* where \w+\.user_id = \$1/.test(rest))
        : /\bwhere (\w+\.)?user_id = \$1(( and |\))(?!.*\bor\b)|$| order by| offset 0$| returning| for update$)/.test(
            rest,
          );
    return bound ? [] : [`${verb} ${table}`];
  });
}

describe('every statement', () => {
  it('is found by this test', () => {
    expect(TABLES).toEqual(['task_counters', 'tasks', 'task_deletions', 'idempotency_keys']);
    expect(STATEMENTS.length).toBeGreaterThanOrEqual(15);
    expect(new Set(STATEMENTS.map(({ name }) => name)).size).toBe(STATEMENTS.length);
    expect(STATEMENTS.every(({ text }) => uses(text).length > 0)).toBe(true);
  });

  it.each(STATEMENTS.map(({ name, text }) => [name, text]))(
    '%s has user_id = $1 on every table that it names',
    (_, text) => {
      expect(leaks(text)).toEqual([]);
    },
  );

  it.each(STATEMENTS.map(({ name, text }) => [name, text]))('%s can be distributed by user', (_, text) => {
    expect(text).not.toMatch(/(select|,|\.)\s*\*/);
    expect(text).not.toMatch(/clock_timestamp|random|nextval|uuid|set_config|currval|statement_timestamp/i);
    for (const { index } of text.matchAll(/\breturning\b/g)) {
      expect(withoutSubqueries(text.slice(index))).not.toMatch(/\bnow\b/);
    }
  });

  it.each([
    'select id from tasks where id = $2',
    'select id from tasks where user_id = $2',
    'select id from tasks where user_id = $1 or id = $2',
    'select id from tasks where user_id = $1 and id = $2 or completed',
    'update tasks set completed = true where id = $2',
    'delete from tasks where id = $2 and number = $3',
    'with gone as (delete from task_counters returning user_id) delete from tasks where user_id = $1',
    'delete from task_counters where user_id = $1 or true returning last_number',
    'insert into tasks (id, user_id) values ($2, $1)',
    'insert into tasks (user_id, id) values ($2, $1)',
    'insert into tasks as t (user_id, id) values ($1, $2) on conflict (id) do update set title = $3',
    'select id from tasks where user_id = $1 and id in (select id from tasks)',
    'select last_number from task_counters where last_number > $1 for update',
    'delete from task_counters where user_id = $1 and exists (select from tasks where id = $2)',
    'delete from task_counters where user_id = $1 and exists (select from tasks where user_id = $1) or last_number = 1',
    'insert into tasks (user_id, id, number) select $1, $2, last_number from task_counters returning id',
    'select t.id from tasks t join task_counters c on c.user_id = t.user_id where t.user_id = $1',
  ])('is detected without user_id: %s', (text) => {
    expect(leaks(text)).not.toEqual([]);
  });
});

describe('the statement on several users', () => {
  const [{ name, text, reads } = { name: '', text: '' }] = STATEMENTS_ACROSS_USERS;

  it('is the only one, and the only one that names a user to row-level security', () => {
    expect(STATEMENTS_ACROSS_USERS.map(({ name }) => name)).toEqual(['taskwell_read_positions']);
    expect(STATEMENTS.map(({ name }) => name)).not.toContain(name);
    expect(STATEMENTS.filter(({ text }) => /app\.|current_setting/.test(text))).toEqual([]);
  });

  it('reads the last position of each user whom it has named, and nothing else', () => {
    const plain = text.replace(/\s+/g, ' ').trim();
    expect(reads).toBe(true);
    expect(uses(plain).map(({ verb, table }) => `${verb} ${table}`)).toEqual(['from task_counters']);
    expect(plain).toMatch(
      /^select named\.user_id, last_position from json_array_elements_text\(\$1::json\) as watched /,
    );
    expect(plain).toContain(`( select set_config('app.user_id', watched.user_id, true) as user_id offset 0 ) as named`);
    expect(plain).toContain('( select last_position from task_counters where user_id = named.user_id offset 0 )');
    expect(plain.match(/set_config/g)).toHaveLength(1);
  });
});

describe('each table of tasks', () => {
  const ofTasks = sql.filter((text) => text.includes('create table'));
  it.each(ofTasks.map((text) => [text]))('has user_id first in each of its keys and indexes', (text) => {
    const up = text.split('-- down migration')[0]!.replace(/^--.*$/gm, '');
    const keys = [...up.matchAll(/(?:primary key|unique|create (?:unique )?index \w+ on \w+)\s*\(([^)]*)\)/g)];
    expect(keys.length).toBeGreaterThan(0);
    for (const [, columns] of keys) expect(columns).toMatch(/^user_id(,|$)/);
    expect(up).not.toMatch(/trigger|sequence|identity|serial|clock_timestamp/);
  });
});
