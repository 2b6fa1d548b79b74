import { describe, expect } from 'vitest';
import { PostgresMigrations } from '../../infrastructure/postgres/migrations/postgres-migrations.ts';
import { itWithDatabasePerTest } from '../support/database-fixtures.ts';
import { PGBOUNCER, PgBouncer } from '../support/pgbouncer.ts';

const it = itWithDatabasePerTest({ bare: true }).extend('poolerUrl', async ({ database }, { onCleanup }) => {
  const pooler = await PgBouncer.before(database.ownerUrl);
  onCleanup(() => pooler.stop());
  return pooler.through(database.ownerUrl);
});

describe.skipIf(PGBOUNCER === undefined)('migrations through PgBouncer in transaction mode', () => {
  it('are applied once by six instances that start at the same time, and strand no lock', async ({
    database,
    poolerUrl,
  }) => {
    const all = (await new PostgresMigrations(poolerUrl).status()).map(({ name }) => name);
    const applied = await Promise.all(Array.from({ length: 6 }, () => new PostgresMigrations(poolerUrl).up()));
    expect(applied.flat().sort()).toEqual(all);
    const locks = `select from pg_locks where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())`;
    expect((await database.query(locks)).rowCount).toBe(0);
    expect(await new PostgresMigrations(poolerUrl).up()).toEqual([]);
    expect(await new PostgresMigrations(poolerUrl).down(1)).toHaveLength(1);
    expect(await new PostgresMigrations(database.ownerUrl).up()).toHaveLength(1);
  });
});
