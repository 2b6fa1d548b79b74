import type pg from 'pg';
import { type Direction, rewrittenTables } from './migration-files.ts';
import { SchemaChangeRefused } from './schema-change-refused.ts';

/** A table with rows that a migration rewrites. */
export interface TableRewrite {
  readonly migration: string;
  readonly table: string;
  /** Roughly. */
  readonly rows: number;
  /** With its indexes, such as `31 MB`. */
  readonly size: string;
}

/** Called before tables are rewritten. It refuses by throwing. */
export type BeforeRewrite = (rewrites: readonly TableRewrite[]) => void;

/** @throws SchemaChangeRefused always */
export function refuseRewrite(rewrites: readonly TableRewrite[]): never {
  const remedy = 'Run taskwell migrate with --allow-rewrite at a quiet time';
  throw new SchemaChangeRefused(`${describeRewrites(rewrites)}\nNothing was changed. ${remedy}`);
}

/** One line for each table, and one that says what it means. */
export function describeRewrites(rewrites: readonly TableRewrite[]): string {
  const lines = rewrites.map(
    ({ migration, table, rows, size }) => `  ${migration} rewrites ${table}: ${describeCount(rows)}, ${size}`,
  );
  return ['These migrations rewrite tables. Nobody can read or write a table during its rewrite:', ...lines].join('\n');
}

function describeCount(rows: number): string {
  return rows === 1 ? '1 row' : `about ${rows.toLocaleString('en')} rows`;
}

/** The rows are counted up to this number. Beyond that, PostgreSQL's estimate is used. */
const COUNTED_ROWS = 10_000;

/** The tables with rows that the migrations rewrite. A table that does not exist yet has none. */
export async function findRewrites(
  client: pg.Client,
  migrations: readonly string[],
  direction: Direction,
): Promise<readonly TableRewrite[]> {
  const rewrites: TableRewrite[] = [];
  for (const migration of migrations) {
    for (const table of await rewrittenTables(migration, direction)) {
      const { rows, size } = await measureTable(client, table);
      if (rows > 0) rewrites.push({ migration, table, rows, size });
    }
  }
  return rewrites;
}

async function measureTable(client: pg.Client, table: string): Promise<Pick<TableRewrite, 'rows' | 'size'>> {
  const { rows: found } = await client.query<{ estimate: number; size: string }>(
    `select reltuples as estimate, pg_size_pretty(pg_total_relation_size(oid)) as size
     from pg_class where oid = to_regclass($1)`,
    [table],
  );
  if (found[0] === undefined) return { rows: 0, size: '' };
  const { rows: counted } = await client.query<{ count: number }>(
    `select count(*)::int from (select from ${table} limit ${COUNTED_ROWS}) as few`,
  );
  const count = counted[0]?.count ?? 0;
  return { rows: count === 0 ? 0 : Math.max(count, found[0].estimate), size: found[0].size };
}
