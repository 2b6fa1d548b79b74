import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Unavailable } from '../../application/errors.ts';
import { PostgresDatabase, type PostgresSettings } from '../../infrastructure/postgres/connection/postgres-database.ts';
import type { Statement } from '../../infrastructure/postgres/connection/statement.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ bare: true });
  await test.query('create table counts (id int primary key, n int not null)');
  await test.query('insert into counts values (1, 0), (2, 0), (3, 0)');
});
afterAll(() => test.drop());

const open: PostgresDatabase[] = [];
let clock: number;
beforeEach(() => {
  clock = 0;
});
afterEach(async () => {
  vi.useRealTimers();
  for (const database of open.splice(0)) await database.close();
});
/** On the clock that tells how long a connection is held up; it stands still otherwise, however slow the machine is. */
const elapse = (milliseconds: number) => {
  clock += milliseconds;
};

function connected(
  settings: Partial<PostgresSettings> = {},
  onIdleError: (error: Error) => void = () => {},
): PostgresDatabase {
  const defaults = { url: test.url, poolSize: 1, prepare: true, timeout: 10_000 };
  const database = new PostgresDatabase(
    { ...defaults, ...settings },
    { clock: { monotonicMs: () => clock }, onIdleError },
  );
  open.push(database);
  return database;
}

/** The test database with a parameter in its connection string. */
function withParameter(name: string, value: string): string {
  const url = new URL(test.url);
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

describe.each([true, false])('statements on a shared connection (prepared: %s)', (prepare) => {
  it('are answered each with its own rows, as text', async () => {
    const database = connected({ prepare });
    const asked = Array.from({ length: 200 }, (_, n) => database.run(ECHO, [`ä "${n}" \\ 🛒`, n, null]));
    expect(await Promise.all(asked)).toEqual(
      Array.from({ length: 200 }, (_, n) => [[`ä "${n}" \\ 🛒`, String(n), null]]),
    );
  });

  it(prepare ? 'are parsed once and then known' : 'leave nothing behind that a pooler would have to keep', async () => {
    const database = connected({ prepare });
    for (let time = 0; time < 3; time += 1) await database.run(ECHO, ['x', 1, null]);
    const known = reading('select count(*) from pg_prepared_statements where name = $1');
    expect(await database.run(known, [ECHO.name])).toEqual([[prepare ? '1' : '0']]);
  });

  it('do not suffer from the error of another', async () => {
    const database = connected({ prepare });
    const divide = reading('select 1 / $1::int');
    const outcomes = await Promise.allSettled([2, 0, 1, 0].map((divisor) => database.run(divide, [divisor])));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    expect(await database.run(divide, [1])).toEqual([['1']]);
  });

  it('are transactions of their own: what one of them changed stays when the next fails', async () => {
    const database = connected({ prepare });
    const [, failed] = await Promise.allSettled([database.run(COUNT, [2]), database.run(reading('select 1 / 0'), [])]);
    expect(failed.status).toBe('rejected');
    expect(Number((await test.query('select n from counts where id = 2')).rows[0].n)).toBeGreaterThan(0);
  });
});

describe.each([true, false])('a group of statements (prepared: %s)', (prepare) => {
  const insert: Statement = { name: 'insert_count', text: 'insert into counts (id, n) values ($1, 0)' };
  const divide: Statement = { name: 'divide', text: 'select 1 / $1::int' };
  const rest: Statement = { name: 'rest', text: 'select $1::int % 7' };
  const kept = async (id: number) => (await test.query('select n from counts where id = $1', [id])).rows;

  it('answers each statement with its own rows and count, and later ones see what earlier ones wrote', async () => {
    const database = connected({ prepare });
    const id = prepare ? 100 : 200;
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

  it.each([0, 1, 2])('applies nothing when its statement %i fails, and can be run again', async (failing) => {
    const database = connected({ prepare });
    const id = (prepare ? 300 : 400) + failing;
    const statements = [
      { statement: insert, values: [id] },
      { statement: rest, values: [9] },
    ];
    const failed = statements.toSpliced(failing, 0, { statement: divide, values: [0] });
    const sound = statements.toSpliced(failing, 0, { statement: divide, values: [1] });
    const neighbours = () => database.run(ECHO, ['beside', 1, null]);
    const [before, refused, after] = await Promise.allSettled([neighbours(), database.runGroup(failed), neighbours()]);
    expect([before.status, refused.status, after.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await kept(id)).toEqual([]);
    for (let time = 0; time < 2; time += 1) {
      const [[two] = []] = [(await database.runGroup([{ statement: rest, values: [9] }]))[0]?.rows];
      expect(two).toEqual(['2']);
    }
    const known = reading('select count(*) from pg_prepared_statements where name = $1');
    expect(await database.run(known, [rest.name])).toEqual([[prepare ? '1' : '0']]);
    expect(await database.runGroup(sound)).toHaveLength(3);
    expect(await kept(id)).toEqual([{ n: 0 }]);
  });

  it('is one round trip: nothing of another group comes between its statements', async () => {
    const database = connected({ prepare });
    const id = prepare ? 500 : 600;
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
  it('is given up when no answer comes, with all that waits on it, and made anew', async () => {
    const database = connected({ timeout: 10_000 });
    const before = await database.run(BACKEND, []);
    const waiting = [database.run(SLOW, [30]), database.run(ECHO, ['behind', 1, null])];
    elapse(10_001);
    for (const outcome of await Promise.allSettled(waiting)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(Unavailable) });
    }
    await expect.poll(() => database.run(BACKEND, []).catch(() => before)).not.toEqual(before);
  });

  it('is not given up for a line of short waits', async () => {
    const database = connected({ timeout: 10_000 });
    let passing = false;
    const pass = () => {
      if (passing) return;
      passing = true;
      setImmediate(() => {
        passing = false;
        elapse(9_000); // once, however many answers have come by then
      });
    };
    await Promise.all(Array.from({ length: 30 }, () => database.run(SLOW, [0.1]).then(pass)));
  });

  it('is made anew after the server has ended it, whether it was used or not', async () => {
    const database = connected();
    for (const used of [true, false]) {
      const [[pid] = []] = await database.run(BACKEND, []);
      const waiting = used ? database.run(SLOW, [30]).catch((error: unknown) => error) : undefined;
      await test.query('select pg_terminate_backend($1, 5000)', [pid]);
      if (waiting) expect(await waiting).toBeInstanceOf(Unavailable);
      await expect.poll(() => database.run(BACKEND, []).catch(() => [[pid]])).not.toEqual([[pid]]);
    }
  });

  it('is not asked once more after it broke', async () => {
    let next: Promise<unknown> | undefined;
    const database = connected({}, () => {
      next ??= database.run(BACKEND, []);
    });
    const before = await database.run(BACKEND, []);
    await test.query('select pg_terminate_backend($1)', [before[0]?.[0]]);
    await expect.poll(() => next).toBeDefined();
    expect(await next).not.toEqual(before);
  });

  it('is given up in time even where it was left for a new one', async () => {
    const database = connected({ timeout: 5_000 });
    await test.query('create table words (word text)');
    const words = reading('select word from words');
    await database.run(words, []);
    await test.query('alter table words alter column word type varchar(9)');
    const locking = await test.holding('update counts set n = 1 where id = 3');
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

  it('forgets the clock of a statement that was answered', async () => {
    const database = connected({ url: withParameter('query_timeout', '1000') });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const before = await database.run(BACKEND, []);
    vi.advanceTimersByTime(1_001);
    expect(await database.run(BACKEND, [])).toEqual(before);
  });

  it('answers those behind a statement that could not be prepared', async () => {
    const database = connected();
    const [[pid] = []] = await database.run(BACKEND, []);
    const locking = await test.holding('lock table counts in access exclusive mode');
    try {
      const find = reading('select id from counts where id = $1');
      const [first, ...behind] = Array.from({ length: 4 }, () => database.run(find, [1]));
      const refused = expect(first).rejects.toThrow(Unavailable);
      await test.lockAwaited();
      await test.query('select pg_cancel_backend($1)', [pid]);
      await refused;
      await locking.query('rollback');
      expect(await Promise.all(behind)).toEqual([[['1']], [['1']], [['1']]]);
      expect(await database.run(find, [2])).toEqual([['2']]);
    } finally {
      await locking.end();
    }
  });

  it('is not made any more once it is closed', async () => {
    const database = connected();
    await database.run(BACKEND, []);
    await database.close();
    await expect(database.run(BACKEND, [])).rejects.toThrow(Unavailable);
  });

  it('answers what is under way before it is closed', async () => {
    const database = connected();
    await database.run(BACKEND, []);
    const waiting = Promise.all([database.run(SLOW, [0.2]), database.run(ECHO, ['last', 1, null])]);
    await database.close();
    expect((await waiting)[1]).toEqual([['last', '1', null]]);
  });

  it('tells of the database that is not there', async () => {
    const nowhere = new PostgresDatabase({
      url: 'postgresql://x@127.0.0.1:1/x',
      poolSize: 4,
      prepare: true,
      timeout: 500,
    });
    await expect(nowhere.run(BACKEND, [])).rejects.toThrow(Unavailable);
    await nowhere.close();
  });

  it('tells of the database that does not say a word', async () => {
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
  it('are made only when they are needed', async () => {
    const database = connected({ poolSize: 10 });
    const pids = await Promise.all(Array.from({ length: 50 }, () => database.run(BACKEND, [])));
    expect(new Set(pids.flat(2)).size).toBe(1);
    const ofWrites = await Promise.all(Array.from({ length: 50 }, () => database.run(WRITING, [])));
    expect(new Set(ofWrites.flat(2)).size).toBe(4);
  });

  it('go on when a migration changes the type of a column', async () => {
    const database = connected({ poolSize: 10 });
    await test.query('create table notes (id integer, text text); create domain note as text');
    await test.query(`insert into notes values (1, 'Milk')`);
    const find: Statement = { name: 'find_note', text: 'select text from notes', reads: true };
    const change: Statement = { name: 'change_note', text: 'update notes set id = id + 1 returning text' };
    const both = () => Promise.all(Array.from({ length: 50 }, (_, n) => database.run(n % 2 ? find : change, [])));
    await both();
    await test.query('alter table notes alter column text type note');
    expect(await both()).toEqual(Array.from({ length: 50 }, () => [['Milk']]));
    expect((await test.query('select id from notes')).rows).toEqual([{ id: 51 }]);
  });

  it('are not asked for a moment where one could not be made again, while others are there', async () => {
    const role = `limited_${randomBytes(4).toString('hex')}`;
    await test.query(`create role ${role} login password 'limited' connection limit 2`);
    const url = Object.assign(new URL(test.url), { username: role, password: 'limited' }).href;
    let broken = false;
    const database = connected({ url, poolSize: 4 }, () => {
      broken = true;
    });
    const taking = new pg.Client(url);
    try {
      const first = await database.run(BACKEND, []);
      const slow = database.run(SLOW, [0.5]);
      elapse(50);
      const second = await database.run(BACKEND, []);
      expect(second).not.toEqual(first);
      await slow;
      await test.query('select pg_terminate_backend($1, 5000)', [first[0]?.[0]]);
      await expect.poll(() => broken).toBe(true);
      await taking.connect();
      for (let moment = 0; moment < 2; moment += 1) {
        await expect(database.run(BACKEND, [])).rejects.toThrow(Unavailable);
        for (let n = 0; n < 20; n += 1) expect(await database.run(BACKEND, [])).toEqual(second);
        elapse(1_000);
      }
    } finally {
      await taking.end();
      await database.close();
      await test.query(`drop role ${role}`);
    }
  });

  it('share a crowd of reads evenly', async () => {
    const database = connected({ poolSize: 10 });
    const rows = await Promise.all(Array.from({ length: 1000 }, () => database.run(BACKEND, [])));
    const [first] = rows[0]!;
    const onFirst = rows.filter(([row]) => row![0] === first![0]).length;
    expect(onFirst).toBeGreaterThan(400);
    expect(onFirst).toBeLessThan(600);
  });

  it('are more of them while writes take long', async () => {
    const database = connected({ poolSize: 10 });
    const pids = [];
    for (let batch = 0; batch < 4; batch += 1) {
      pids.push(...Array.from({ length: 4 }, () => database.run(SLOW_WRITING, [0.1])));
      elapse(20);
    }
    expect(new Set((await Promise.all(pids)).flat(2)).size).toBe(8);
  });

  it('let reads pass one that is held up', async () => {
    const database = connected({ poolSize: 4 });
    const locking = await test.holding('lock table counts in access exclusive mode');
    try {
      const heldUp = database.run(reading('select n from counts where id = 3'), []);
      elapse(20);
      expect(await database.run(ECHO, ['past', 1, null])).toEqual([['past', '1', null]]);
      await locking.query('rollback');
      expect(await heldUp).toHaveLength(1);
    } finally {
      await locking.end();
    }
  });

  it('let writes pass one that waits for a lock', async () => {
    const database = connected({ poolSize: 4 });
    const locking = await test.holding('update counts set n = 7 where id = 1');
    try {
      const locked = database.run(COUNT, [1]);
      elapse(50);
      const others = Array.from({ length: 20 }, () => database.run(COUNT, [2]));
      for (const rows of await Promise.all(others)) expect(rows).toHaveLength(1);
      await locking.query('commit');
      expect(await locked).toEqual([['8']]);
    } finally {
      await locking.end();
    }
  });
});
