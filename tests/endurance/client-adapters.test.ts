import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { PostgresTaskRepository } from '../../infrastructure/postgres/tasks/postgres-task-repository.ts';
import { ROOT } from '../support/build.ts';
import { itWithExampleApps } from '../support/example-app-fixtures.ts';
import { report } from '../support/faulty-database-fixtures.ts';

const manual = readFile(join(ROOT, 'docs/operations.md'), 'utf8');

const PATIENCE = { timeout: 60_000 };

const it = itWithExampleApps();

describe.each(['openRxdb', 'openTanstack'] as const)('two apps of a user (%s)', (name) => {
  it('see what the other creates, edits and deletes', async ({ open }) => {
    const [phone, laptop] = [await open(name), await open(name)];
    await phone.add('Buy groceries');
    await expect.poll(laptop.sorted, PATIENCE).toEqual(['Buy groceries']);
    await laptop.add('Water the plants');
    await laptop.rename('Buy groceries', 'Buy milk');
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy milk', 'Water the plants']);
    await phone.complete('Buy milk');
    await phone.remove('Water the plants');
    for (const app of [phone, laptop]) await expect.poll(app.sorted, PATIENCE).toEqual(['Buy milk, done']);
  });

  it('follow each other through one event stream each, and do not poll', async ({ open }) => {
    const [phone, laptop] = [await open(name), await open(name)];
    const added: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      const before = Date.now();
      await phone.add(`Task ${n}`);
      added.push(`Task ${n}`);
      await expect.poll(laptop.sorted, { ...PATIENCE, interval: 10 }).toEqual(added);
      report(`${name}: seen after ${Date.now() - before} ms`);
    }
    expect(laptop.network.count(/events/)).toBe(1);
    expect(laptop.network.count(/changes/)).toBeLessThanOrEqual(2 + added.length);
  });

  it('agree on the first edit if both edit a task at the same time', async ({ open, stored }) => {
    const [phone, laptop] = [await open(name), await open(name)];
    await phone.add('Buy groceries');
    await expect.poll(laptop.sorted, PATIENCE).toEqual(['Buy groceries']);
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy groceries']);
    laptop.network.goDeaf();
    await phone.rename('Buy groceries', 'Buy milk');
    await expect.poll(stored, PATIENCE).toEqual(['Buy milk']);
    const edited = laptop.rename('Buy groceries', 'Buy bread');
    await expect.poll(() => laptop.network.count(/GET \/[0-9a-f-]{36}$/), PATIENCE).toBe(1);
    laptop.network.recover();
    await edited;
    for (const app of [phone, laptop]) await expect.poll(app.sorted, PATIENCE).toEqual(['Buy milk']);
    expect(await stored()).toEqual(['Buy milk']);
    expect(laptop.network.count(/PUT/)).toBe(0);
    expect(laptop.refused).toEqual(name === 'openTanstack' ? ['Buy bread: TaskConflict'] : []);
  });

  it('agree if the task changes between the comparison and the write', async ({ open, send, tasks, stored }) => {
    const phone = await open(name);
    await phone.add('Buy groceries');
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy groceries']);
    const [{ id }] = (await send('GET', tasks)).body;
    let before: number | undefined;
    phone.network.beforePut = async () => {
      phone.network.beforePut = async () => {};
      before = (await send('PATCH', `${tasks}/${id}`, { body: { title: 'Buy milk' } })).status;
    };
    await phone.rename('Buy groceries', 'Buy bread');
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy milk']);
    expect([before, phone.network.count(/PUT/)]).toEqual([200, 1]);
    expect(await stored()).toEqual(['Buy milk']);
  });

  it('make one task of a create whose response is lost', async ({ open, stored }) => {
    const phone = await open(name);
    phone.network.lostCreates = 1;
    await phone.add('Buy groceries');
    await expect.poll(() => phone.network.count(/POST/), PATIENCE).toBe(2);
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy groceries']);
    expect(await stored()).toEqual(['Buy groceries']);
  });

  it('have the tasks of the server after a long absence (410)', async ({ open, send, tasks, database, user }) => {
    const [phone, laptop] = [await open(name), await open(name)];
    for (const title of ['Buy groceries', 'Buy milk', 'Call Ben']) await laptop.add(title);
    await expect.poll(async () => (await phone.sorted()).length, PATIENCE).toBe(3);
    phone.network.goDeaf();
    const [task, ...others] = (await send('GET', tasks)).body;
    for (const { id } of others) await send('DELETE', `${tasks}/${id}`);
    await database.query("update task_deletions set deleted_at = now() - interval '31 days' where user_id = $1", [
      user,
    ]);
    await send('PATCH', `${tasks}/${task.id}`, { body: { title: 'Pay the rent' } });
    await send('DELETE', `${tasks}/${(await send('POST', tasks, { body: { title: 'x' } })).body.id}`); // Forgets the others.
    phone.network.recover();
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Pay the rent']);
    expect(phone.network.answered(410)).toBe(1);
  });

  it('begin again after the data of the user was erased', async ({ open, send, tasks, connect, user }) => {
    const phone = await open(name);
    await phone.add('Buy groceries');
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy groceries']);
    await new PostgresTaskRepository(connect()).ownedBy(user).removeAll();
    for (const title of ['Call Ben', 'Buy milk']) await send('POST', tasks, { body: { title } });
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy milk', 'Call Ben']);
  });

  it('begin again after a restore that follows the manual', async ({ open, send, tasks, database }) => {
    const phone = await open(name);
    for (const title of ['Buy groceries', 'Call Ben']) await send('POST', tasks, { body: { title } });
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy groceries', 'Call Ben']);
    phone.network.goDeaf();
    const [, ofManual = ''] = /```sql\n(update task_counters .*)\n```/.exec(await manual) ?? [];
    await database.query("delete from tasks where title = 'Call Ben'");
    await database.query('update task_counters set last_position = 1, last_number = 1');
    await database.query(ofManual);
    await send('POST', tasks, { body: { title: 'Buy milk' } });
    phone.network.recover();
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy groceries', 'Buy milk']);
  });

  it('do not miss what happens while the event stream is cut', async ({ open, send, tasks }) => {
    const phone = await open(name);
    await phone.add('Buy groceries');
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy groceries']);
    const before = phone.network.requests.length;
    phone.network.goDeaf();
    await send('POST', tasks, { body: { title: 'Call Ben' } });
    phone.network.recover();
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy groceries', 'Call Ben']);
    const after = phone.network.requests.slice(before);
    expect(after.filter((request) => /changes(?!.*since)/.test(request))).toEqual([]);
    expect(after.filter((request) => /events/.test(request)).length).toBeGreaterThan(0);
  });
});

describe('an app with RxDB', () => {
  it('keeps what it wrote offline, sends it later, and takes over the edits that came first', async ({ open }) => {
    const [phone, laptop] = [await open('openRxdb'), await open('openRxdb')];
    await phone.add('Buy groceries');
    for (const app of [phone, laptop]) await expect.poll(app.sorted, PATIENCE).toEqual(['Buy groceries']);
    for (const { network } of [phone, laptop]) network.goOffline();
    await phone.rename('Buy groceries', 'Buy milk');
    await laptop.rename('Buy groceries', 'Buy bread');
    await laptop.add('Call Ben');
    await laptop.rename('Call Ben', 'Call Ann');
    await laptop.complete('Call Ann');
    phone.network.recover();
    await expect.poll(() => phone.network.answered(200, /PUT/), PATIENCE).toBe(1);
    laptop.network.recover();
    for (const app of [phone, laptop]) {
      await expect.poll(app.sorted, PATIENCE).toEqual(['Buy milk', 'Call Ann, done']);
    }
    expect(laptop.network.count(/PUT/)).toBe(1); // It completes the new task.
  });

  it('continues where it stopped', async ({ open, send, tasks }) => {
    const phone = await open('openRxdb');
    for (const title of ['Buy groceries', 'Call Ben']) await send('POST', tasks, { body: { title } });
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy groceries', 'Call Ben']);
    await phone.pause();
    await send('POST', tasks, { body: { title: 'Buy milk' } });
    const before = phone.network.requests.length;
    await phone.resume();
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy groceries', 'Buy milk', 'Call Ben']);
    const [first] = phone.network.requests.slice(before).filter((request) => /changes/.test(request));
    expect(first).toContain('since=');
  });

  it('reads every page, even those that long texts make shorter', async ({ open, send, tasks }) => {
    const description = 'x'.repeat(5_000);
    for (let n = 0; n < 600; n += 50) {
      const batch = Array.from({ length: 50 }, (_, i) => ({ title: `Task ${n + i}`, description }));
      await Promise.all(batch.map((body) => send('POST', tasks, { body })));
    }
    const phone = await open('openRxdb');
    await expect.poll(async () => (await phone.titles()).length, PATIENCE).toBe(600);
  });

  it('gives up what the server does not accept, and says so', async ({ open }) => {
    const phone = await open('openRxdb');
    await phone.add('Buy groceries');
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy groceries']);
    await phone.rename('Buy groceries', 'x'.repeat(501));
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy groceries']);
    await phone.add(' ');
    await phone.add('Call Ben');
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy groceries', 'Call Ben']);
    expect(phone.refused).toEqual(['x'.repeat(501), ' ']);
  });
});

describe('a draft that is edited after its creation was not confirmed, with RxDB', () => {
  it('is one task, and the edit is refused', async ({ open, stored }) => {
    const phone = await open('openRxdb');
    phone.network.lostCreates = Number.POSITIVE_INFINITY;
    await phone.add('Buy groceries');
    await expect.poll(stored, PATIENCE).toEqual(['Buy groceries']);
    await phone.pause();
    await phone.rename('Buy groceries', 'Buy milk');
    phone.network.lostCreates = 0;
    await phone.resume();
    await expect.poll(phone.sorted, PATIENCE).toEqual(['Buy groceries']);
    expect(phone.refused).toEqual(['Buy milk']);
    expect(await stored()).toEqual(['Buy groceries']);
  });
});

describe('an app with TanStack DB', () => {
  it('has what it wrote, as the server has it, when a write ends', async ({ open }) => {
    const phone = await open('openTanstack');
    await phone.add(' Buy groceries ');
    expect(await phone.titles()).toEqual(['Buy groceries']);
    await phone.complete('Buy groceries');
    expect(await phone.titles()).toEqual(['Buy groceries, done']);
    await phone.remove('Buy groceries');
    expect(await phone.titles()).toEqual([]);
  });
});
