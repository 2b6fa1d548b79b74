import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Direction, migrationNames } from '../../infrastructure/postgres/migrations/migration-files.ts';

const FOLDER = join(import.meta.dirname, '../../migrations');

/** The parts of ALTER TABLE that can make PostgreSQL write every row anew. */
const REWRITES: readonly RegExp[] = [
  /\balter (column )?\w+ (set data )?type\b/,
  // A default that is computed for each row. The result of now() is the same for all rows.
  /\badd (column )?(?!constraint)[^,]*\bdefault (?!now\()[^,]*\(/,
  /\badd (column )?(?!constraint)[^,]*(\bserial\b|\bbigserial\b|\bgenerated\b)/,
  /\bset (logged|unlogged|access method|tablespace)\b/,
];

/** The tables that statements may rewrite. */
function suspects(sql: string): string[] {
  const statements = sql.replace(/--.*$/gm, '').toLowerCase().replace(/\s+/g, ' ').split(';');
  const rewriting = statements.filter((statement) => REWRITES.some((pattern) => pattern.test(statement)));
  return rewriting.flatMap((text) => /\balter table (?:if exists )?(?:only )?(\w+)/.exec(text)?.slice(1) ?? []);
}

describe('the migrations', () => {
  it.for(['up', 'down'] satisfies Direction[])('say which tables they rewrite (%s)', async (direction) => {
    let found = 0;
    for (const name of await migrationNames()) {
      const [up = '', down = ''] = readFileSync(join(FOLDER, `${name}.sql`), 'utf8').split(/^-- Down Migration$/m);
      const part = direction === 'up' ? up : down;
      const tables = suspects(part);
      found += tables.length;
      const [, header] = /^-- Rewrites: (.*)$/m.exec(part) ?? [];
      if (tables.length > 0) expect(header, `${name}: a comment such as -- Rewrites: tasks`).toBeDefined();
      if (header !== undefined) expect(header, name).toMatch(/^\w+(, \w+)*$/);
    }
    expect(found).toBeGreaterThan(0);
  });

  it.for([
    'alter table tasks alter column title type varchar(500)',
    'alter table only tasks\n  alter title set data type text',
    'alter table tasks add column token uuid not null default gen_random_uuid()',
    'alter table tasks add place bigserial',
    'alter table tasks add column folded text generated always as (lower(title)) stored',
    'alter table tasks set unlogged',
  ])('are suspected of a rewrite by %s', (statement) => {
    expect(suspects(`create table a (b text);\n${statement};`)).toEqual(['tasks']);
  });

  it.for([
    'alter table tasks add column due timestamptz',
    "alter table tasks add column priority text not null default 'none'",
    'alter table tasks add column seen_at timestamptz not null default now()',
    'alter table tasks add constraint short check (char_length(title) < 10)',
    'alter table tasks enable row level security',
  ])('are not suspected of a rewrite by %s', (statement) => {
    expect(suspects(`${statement};`)).toEqual([]);
  });
});
