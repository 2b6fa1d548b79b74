import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, vi } from 'vitest';
import { Unavailable } from '../../application/application-errors.ts';
import type { DatabaseEngine } from '../../infrastructure/postgres/connection/group-frame.ts';
import type { PostgresDatabase, PostgresSettings } from '../../infrastructure/postgres/connection/postgres-database.ts';
import type { Statement } from '../../infrastructure/postgres/connection/statement.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';
import { PREPARING, usesPooler } from '../support/pooler-for-tests.ts';
import type { TestDatabase } from '../support/test-database.ts';
import { TickingClock } from '../support/ticking-clock.ts';

/**
 * - `counts`: the database, with a table of counters
 * - `clock`: tells how long a connection is held up. It stands still unless the test moves it, so that a slow machine
 *   changes nothing.
 * - `connected`: opens connections, for one test; one connection unless the settings say otherwise
 */
const it = itWithDatabase({ bare: true })
  .extend('counts', { scope: 'file' }, async ({ database }) => {
    await database.query('create table counts (id int primary key, n int not null)');
    await database.query('insert into counts values (1, 0), (2, 0), (3, 0)');
    await database.query('grant all on counts to public');
    return database;
  })
  .extend('clock', () => new TickingClock())
  .extend(
    'connected',
    ({ connect, counts: _counts, clock }) =>
      (settings: Partial<PostgresSettings> = {}, onIdleError: (error: Error) => void = () => {}): PostgresDatabase =>
        connect({ poolSize: 1, timeout: 10_000, ...settings }, { clock, onIdleError }),
  );

/** A connection string with a parameter. */
function withParameter(connectionString: string, name: string, value: string): string {
  const url = new URL(connectionString);
  url.searchParams.set(name, value);
  return url.href;
}

const reading = (text: string): Statement => ({ name: text.replace(/\W/g, '_').slice(0, 60), text, reads: true });
const ECHO = reading('select $1::text, $2::int, $3::text');
const SLOW = reading('select pg_sleep($1)');
const BACKEND = reading('select pg_backend_pid()');
const WRITING: Statement = { name: 'backend_of_write', text: BACKEND.text };
const SLOW_WRITING: Statement = {
  name: 'slow_write',
  text: 'select pg_backend_pid() from (select pg_sleep($1) is null) as slept',
};
const COUNT: Statement = { name: 'count', text: 'update counts set n = n + 1 where id = $1 returning n' };

describe.each(PREPARING)('statements on a shared connection (prepared: %s)', (prepare) => {
  it('each get their own rows, as text', async ({ connected }) => {
    const database = connected({ prepare });
    const asked = Array.from({ length: 200 }, (_, n) => database.run(ECHO, [`ä "${n}" \\ 🛒`, n, null]));
    expect(await Promise.all(asked)).toEqual(
      Array.from({ length: 200 }, (_, n) => [[`ä "${n}" \\ 🛒`, String(n), null]]),
    );
  });

  it(prepare ? 'are prepared once' : 'leave no prepared statement in the session', async ({ connected }) => {
    const database = connected({ prepare });
    for (let time = 0; time < 3; time += 1) await database.run(ECHO, ['x', 1, null]);
    const known = reading('select count(*) from pg_prepared_statements where name = $1');
    expect(await database.run(known, [ECHO.name])).toEqual([[prepare ? '1' : '0']]);
  });

  it('are not affected by the error of another', async ({ connected }) => {
    const database = connected({ prepare });
    const divide = reading('select 1 / $1::int');
    const outcomes = await Promise.allSettled([2, 0, 1, 0].map((divisor) => database.run(divide, [divisor])));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    expect(await database.run(divide, [1])).toEqual([['1']]);
  });

  it('are separate transactions: a change stays when the next statement fails', async ({ connected, counts }) => {
    const database = connected({ prepare });
    const [, failed] = await Promise.allSettled([database.run(COUNT, [2]), database.run(reading('select 1 / 0'), [])]);
    expect(failed.status).toBe('rejected');
    expect(Number((await counts.query('select n from counts where id = 2')).rows[0].n)).toBeGreaterThan(0);
  });
});

/** The engine Citus needs an option of the connection, which PgBouncer does not pass on. */
const ENGINES: readonly DatabaseEngine[] = usesPooler ? ['postgresql'] : ['postgresql', 'citus'];
const GROUPS = ENGINES.flatMap((engine, index) =>
  PREPARING.map((prepare) => ({ engine, prepare, ids: 200 * index + (prepare ? 100 : 200) })),
);

describe.each(GROUPS)('a group of statements ($engine, prepared: $prepare)', ({ engine, prepare, ids }) => {
  const insert: Statement = { name: 'insert_count', text: 'insert into counts (id, n) values ($1, 0)' };
  const divide: Statement = { name: 'divide', text: 'select 1 / $1::int' };
  const rest: Statement = { name: 'rest', text: 'select $1::int % 7' };
  const countOf = async (counts: TestDatabase, id: number) =>
    (await counts.query('select n from counts where id = $1', [id])).rows;

  it('returns rows and a count for each statement, and later ones see the writes of earlier ones', async ({
    connected,
  }) => {
    const database = connected({ prepare, engine });
    const id = ids;
    const results = await database.runGroup([
      { statement: insert, values: [id] },
      { statement: COUNT, values: [id] },
      { statement: { name: 'both', text: 'select id, n from counts where id >= $1 and id < $1 + 9' }, values: [id] },
      { statement: { name: 'remove', text: 'delete from counts where id = $1' }, values: [id] },
    ]);
    expect(results).toEqual([
      { rows: [], count: 1 },
      { rows: [['1']], count: 1 },
      { rows: [[String(id), '1']], count: 1 },
      { rows: [], count: 1 },
    ]);
  });

  it.for([0, 1, 2])(
    'applies nothing when its statement %i fails, and can be run again',
    async (failing, { connected, counts }) => {
      const database = connected({ prepare, engine });
      const id = ids + 10 + failing;
      const statements = [
        { statement: insert, values: [id] },
        { statement: rest, values: [9] },
      ];
      const failed = statements.toSpliced(failing, 0, { statement: divide, values: [0] });
      const sound = statements.toSpliced(failing, 0, { statement: divide, values: [1] });
      const neighbours = () => database.run(ECHO, ['beside', 1, null]);
      const [before, refused, after] = await Promise.allSettled([
        neighbours(),
        database.runGroup(failed),
        neighbours(),
      ]);
      expect([before.status, refused.status, after.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await countOf(counts, id)).toEqual([]);
      for (let time = 0; time < 2; time += 1) {
        const [[two] = []] = [(await database.runGroup([{ statement: rest, values: [9] }]))[0]?.rows];
        expect(two).toEqual(['2']);
      }
      const known = reading('select count(*) from pg_prepared_statements where name = $1');
      expect(await database.run(known, [rest.name])).toEqual([[prepare ? '1' : '0']]);
      expect(await database.runGroup(sound)).toHaveLength(3);
      expect(await countOf(counts, id)).toEqual([{ n: 0 }]);
    },
  );

  it('is not interleaved with another group', async ({ connected }) => {
    const database = connected({ prepare, engine });
    const id = ids + 20;
    await database.run(insert, [id]);
    const twice = () =>
      database.runGroup([
        { statement: COUNT, values: [id] },
        { statement: COUNT, values: [id] },
      ]);
    const counted = await Promise.all(Array.from({ length: 20 }, twice));
    for (const [first, second] of counted) {
      expect(Number(second?.rows[0]?.[0])).toBe(Number(first?.rows[0]?.[0]) + 1);
    }
  });
});

describe('a connection that is shared', () => {
  it('is replaced when no answer comes in time, and all statements on it fail', async ({ connected, clock }) => {
    const database = connected({ timeout: 10_000 });
    const before = await database.run(BACKEND, []);
    const waiting = [database.run(SLOW, [30]), database.run(ECHO, ['behind', 1, null])];
    clock.advance(10_001);
    for (const outcome of await Promise.allSettled(waiting)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(Unavailable) });
    }
    await expect.poll(() => database.run(BACKEND, []).catch(() => before)).not.toEqual(before);
  });

  it('is not replaced for a series of short waits', async ({ connected, clock }) => {
    const database = connected({ timeout: 10_000 });
    let passing = false;
    const pass = () => {
      if (passing) return;
      passing = true;
      setImmediate(() => {
        passing = false;
        clock.advance(9_000); // once, however many answers have come by then
      });
    };
    await Promise.all(Array.from({ length: 30 }, () => database.run(SLOW, [0.1]).then(pass)));
  });

  it('is replaced after the server has closed it, in use or not', async ({ connected, counts }) => {
    const database = connected();
    for (const used of [true, false]) {
      const [[pid] = []] = await database.run(BACKEND, []);
      const waiting = used ? database.run(SLOW, [30]).catch((error: unknown) => error) : undefined;
      await counts.query('select pg_terminate_backend($1, 5000)', [pid]);
      if (waiting) expect(await waiting).toBeInstanceOf(Unavailable);
      await expect.poll(() => database.run(BACKEND, []).catch(() => [[pid]])).not.toEqual([[pid]]);
    }
  });

  it('is not used again after it broke', async ({ connected, counts, skip }) => {
    skip(usesPooler, 'the pooler keeps the connection to Taskwell open');
    let next: Promise<unknown> | undefined;
    const database = connected({}, () => {
      next ??= database.run(BACKEND, []);
    });
    const before = await database.run(BACKEND, []);
    await counts.query('select pg_terminate_backend($1)', [before[0]?.[0]]);
    await expect.poll(() => next).toBeDefined();
    expect(await next).not.toEqual(before);
  });

  it('times out even after another connection has replaced it', async ({ connected, counts }) => {
    const database = connected({ timeout: 5_000 });
    await counts.query('create table words (word text); grant select on words to public');
    const words = reading('select word from words');
    await database.run(words, []);
    await counts.query('alter table words alter column word type varchar(9)');
    const locking = await counts.holding('update counts set n = 1 where id = 3');
    try {
      const outdated = database.run(words, []);
      let givenUp: unknown;
      database.run(COUNT, [3]).catch((error: unknown) => {
        givenUp = error;
      });
      await outdated;
      await expect // answers on the new connection are none on the old one
        .poll(() => database.run(words, []).then(() => givenUp))
        .toBeInstanceOf(Unavailable);
    } finally {
      await locking.end();
    }
  });

  it('stops the timer of an answered statement', async ({ connected, counts, onTestFinished }) => {
    const database = connected({ url: withParameter(counts.ownerUrl, 'query_timeout', '1000') });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const before = await database.run(BACKEND, []);
    vi.advanceTimersByTime(1_001);
    expect(await database.run(BACKEND, [])).toEqual(before);
  });

  it('answers the statements after one that could not be prepared', async ({ connected, counts }) => {
    const database = connected();
    const [[pid] = []] = await database.run(BACKEND, []);
    const locking = await counts.holding('lock table counts in access exclusive mode');
    try {
      const find = reading('select id from counts where id = $1');
      const [first, ...behind] = Array.from({ length: 4 }, () => database.run(find, [1]));
      const refused = expect(first).rejects.toThrow(Unavailable);
      await counts.lockAwaited();
      await counts.query('select pg_cancel_backend($1)', [pid]);
      await refused;
      await locking.query('rollback');
      expect(await Promise.all(behind)).toEqual([[['1']], [['1']], [['1']]]);
      expect(await database.run(find, [2])).toEqual([['2']]);
    } finally {
      await locking.end();
    }
  });

  it('is not opened again after close()', async ({ connected }) => {
    const database = connected();
    await database.run(BACKEND, []);
    await database.close();
    await expect(database.run(BACKEND, [])).rejects.toThrow(Unavailable);
  });

  it('is closed in time although the server does not answer', async ({ connected, counts }) => {
    const { hostname, port } = new URL(counts.ownerUrl);
    const sockets: Socket[] = [];
    const proxy = createServer((client) => {
      const server = connect(Number(port), hostname);
      sockets.push(
        client.on('error', () => {}),
        server,
      );
      client.pipe(server);
      server.pipe(client);
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const url = new URL(counts.ownerUrl);
    url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      const database = connected({ url: url.href });
      await database.run(BACKEND, []);
      for (const socket of sockets) socket.unpipe().pause();
      const closing = database.close().then(() => 'closed');
      expect(await Promise.race([closing, pause(10_000)])).toBe('closed');
    } finally {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    }
  });

  it('answers the statements in flight before it is closed', async ({ connected }) => {
    const database = connected();
    await database.run(BACKEND, []);
    const waiting = Promise.all([database.run(SLOW, [0.2]), database.run(ECHO, ['last', 1, null])]);
    await database.close();
    expect((await waiting)[1]).toEqual([['last', '1', null]]);
  });

  it('reports an unreachable database', async ({ connected }) => {
    const nowhere = connected({ url: 'postgresql://x@127.0.0.1:1/x', poolSize: 4, timeout: 500 });
    await expect(nowhere.run(BACKEND, [])).rejects.toThrow(Unavailable);
  });

  it('reports a database that does not answer', async ({ connected }) => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    try {
      const database = connected({ url: `postgresql://x@127.0.0.1:${port}/x`, timeout: 300 });
      await expect(database.run(BACKEND, [])).rejects.toThrow(Unavailable);
    } finally {
      silent.close();
    }
  });
});

describe('several connections', () => {
  it('are opened only when they are needed', async ({ connected, skip }) => {
    skip(usesPooler, 'the pooler chooses the session of each statement');
    const database = connected({ poolSize: 10 });
    const pids = await Promise.all(Array.from({ length: 50 }, () => database.run(BACKEND, [])));
    expect(new Set(pids.flat(2)).size).toBe(1);
    const ofWrites = await Promise.all(Array.from({ length: 50 }, () => database.run(WRITING, [])));
    expect(new Set(ofWrites.flat(2)).size).toBe(4);
  });

  it('keep working when a migration changes the type of a column', async ({ connected, counts }) => {
    const database = connected({ poolSize: 10 });
    await counts.query(
      'create table notes (id integer, text text); create domain note as text; grant all on notes to public',
    );
    await counts.query(`insert into notes values (1, 'Milk')`);
    const find: Statement = { name: 'find_note', text: 'select text from notes', reads: true };
    const change: Statement = { name: 'change_note', text: 'update notes set id = id + 1 returning text' };
    const both = () => Promise.all(Array.from({ length: 50 }, (_, n) => database.run(n % 2 ? find : change, [])));
    await both();
    await counts.query('alter table notes alter column text type note');
    expect(await both()).toEqual(Array.from({ length: 50 }, () => [['Milk']]));
    expect((await counts.query('select id from notes')).rows).toEqual([{ id: 51 }]);
  });

  it('are avoided for a moment after one could not be opened again, while others work', async ({
    connected,
    counts,
    clock,
  }) => {
    const role = `limited_${randomBytes(4).toString('hex')}`;
    await counts.query(`create role ${role} login password 'limited' connection limit 2`);
    const url = Object.assign(new URL(counts.ownerUrl), { username: role, password: 'limited' }).href;
    let broken = false;
    const database = connected({ url, poolSize: 4 }, () => {
      broken = true;
    });
    const taking = new pg.Client(url);
    try {
      const first = await database.run(BACKEND, []);
      const slow = database.run(SLOW, [0.5]);
      clock.advance(50);
      const second = await database.run(BACKEND, []);
      expect(second).not.toEqual(first);
      await slow;
      await counts.query('select pg_terminate_backend($1, 5000)', [first[0]?.[0]]);
      await expect.poll(() => broken).toBe(true);
      await taking.connect();
      for (let moment = 0; moment < 2; moment += 1) {
        await expect(database.run(BACKEND, [])).rejects.toThrow(Unavailable);
        for (let n = 0; n < 20; n += 1) expect(await database.run(BACKEND, [])).toEqual(second);
        clock.advance(1_000);
      }
    } finally {
      await taking.end();
      await database.close();
      await counts.query(`drop role ${role}`);
    }
  });

  it('share concurrent reads evenly', async ({ connected, skip }) => {
    skip(usesPooler, 'the pooler chooses the session of each statement');
    const database = connected({ poolSize: 10 });
    const rows = await Promise.all(Array.from({ length: 1000 }, () => database.run(BACKEND, [])));
    const [first] = rows[0]!;
    const onFirst = rows.filter(([row]) => row![0] === first![0]).length;
    expect(onFirst).toBeGreaterThan(400);
    expect(onFirst).toBeLessThan(600);
  });

  it('increase while writes are slow', async ({ connected, clock, skip }) => {
    skip(usesPooler, 'the pooler chooses the session of each statement');
    const database = connected({ poolSize: 10 });
    const pids = [];
    for (let batch = 0; batch < 4; batch += 1) {
      pids.push(...Array.from({ length: 4 }, () => database.run(SLOW_WRITING, [0.1])));
      clock.advance(20);
    }
    expect(new Set((await Promise.all(pids)).flat(2)).size).toBe(8);
  });

  it('let reads overtake a blocked one', async ({ connected, counts, clock }) => {
    const database = connected({ poolSize: 4 });
    const locking = await counts.holding('lock table counts in access exclusive mode');
    try {
      const heldUp = database.run(reading('select n from counts where id = 3'), []);
      clock.advance(20);
      expect(await database.run(ECHO, ['past', 1, null])).toEqual([['past', '1', null]]);
      await locking.query('rollback');
      expect(await heldUp).toHaveLength(1);
    } finally {
      await locking.end();
    }
  });

  it('let writes overtake one that waits for a lock', async ({ connected, counts, clock }) => {
    const database = connected({ poolSize: 4 });
    const locking = await counts.holding('update counts set n = 7 where id = 1');
    try {
      const locked = database.run(COUNT, [1]);
      clock.advance(50);
      const others = Array.from({ length: 20 }, () => database.run(COUNT, [2]));
      for (const rows of await Promise.all(others)) expect(rows).toHaveLength(1);
      await locking.query('commit');
      expect(await locked).toEqual([['8']]);
    } finally {
      await locking.end();
    }
  });
});
