import { describe, expect, it } from 'vitest';
import type { TaskPositions } from '../../application/ports/task-positions.ts';
import { PositionsByOwner } from '../../application/positions-by-owner.ts';
import { HEARTBEAT_MS, type Hint, type Watch } from '../../application/watch.ts';
import { POLL_INTERVAL_MS, WATCH_MAX_MS, WatchTasks } from '../../application/watch-tasks.ts';
import type { UserId } from '../../domain/user-id.ts';
import { InMemoryTaskRepository } from '../../infrastructure/in-memory/in-memory-task-repository.ts';
import { actionsOn } from '../conformance/actions.ts';
import { aNewTask, aUser } from '../conformance/builders.ts';
import { ManualTimer } from '../support/manual-timer.ts';
import { TickingClock } from '../support/ticking-clock.ts';

const LIMITS = { perUser: 2, total: 3 };

/** Reads positions as another adapter does, counts the readings, and can hold them back or fail. */
class SpiedPositions implements TaskPositions {
  readonly readings: (readonly UserId[])[] = [];
  failure: Error | undefined;
  held: Promise<void> | undefined;

  constructor(private readonly positions: TaskPositions) {}

  async lastOf(users: readonly UserId[]): Promise<ReadonlyMap<UserId, number>> {
    this.readings.push(users);
    if (this.failure) throw this.failure;
    const read = await this.positions.lastOf(users);
    await this.held;
    return read;
  }
}

function setUp() {
  const [clock, timer] = [new TickingClock(), new ManualTimer()];
  const tasks = new InMemoryTaskRepository(clock);
  const positions = new SpiedPositions(new PositionsByOwner(tasks));
  const reported: string[] = [];
  const report = {
    failed: (error: unknown) => void reported.push(String(error)),
    recovered: () => void reported.push('recovered'),
  };
  const watchTasks = new WatchTasks({ tasks, positions, timer, clock, report, limits: LIMITS });
  const open = (owner: UserId, lifetimeMs = Number.POSITIVE_INFINITY) =>
    watchTasks.execute({ owner, expiresAtMs: clock.epochMs() + lifetimeMs });
  return {
    clock,
    timer,
    tasks,
    positions,
    reported,
    watchTasks,
    open,
    watch: async (owner: UserId, lifetimeMs?: number): Promise<Watch> => {
      const watch = await open(owner, lifetimeMs);
      if (watch === 'refused') throw new Error('refused');
      return watch;
    },
    write: async (owner: UserId, times = 1) => {
      for (let time = 0; time < times; time += 1) await actionsOn(tasks.ownedBy(owner)).add(aNewTask());
    },
  };
}

/** The hints of a watch, as they arrive. */
function hintsOf(watch: Watch): (Hint | 'end')[] {
  const hints: (Hint | 'end')[] = [];
  const read = async () => {
    for (let hint = await watch.next(); hint !== undefined; hint = await watch.next()) hints.push(hint);
    hints.push('end');
  };
  void read();
  return hints;
}

describe('a watch', () => {
  it('tells the present position at once, and then each change, several as one', async () => {
    const { watch, write, timer } = setUp();
    const ann = aUser();
    expect(await (await watch(ann)).next()).toEqual({ position: 0 });
    await write(ann, 2);
    const hints = hintsOf(await watch(ann));
    await timer.tick(3);
    await write(ann, 3);
    await timer.tick(3);
    await write(aUser());
    await timer.tick();
    expect(hints).toEqual([{ position: 2 }, { position: 5 }]);
  });

  it('holds the newest position for a client that is slow', async () => {
    const { watch, write, timer } = setUp();
    const ann = aUser();
    const slow = await watch(ann);
    expect(await slow.next()).toEqual({ position: 0 });
    for (let time = 0; time < 3; time += 1) {
      await write(ann);
      await timer.tick(100);
    }
    const hints = hintsOf(slow);
    await timer.tick(3);
    expect(hints).toEqual([{ position: 3 }]);
  });

  it('never tells an old position after a newer one, if a reading is slower than a write', async () => {
    const { watch, write, timer, positions } = setUp();
    const ann = aUser();
    await write(ann);
    const first = hintsOf(await watch(ann));
    let release = () => {};
    positions.held = new Promise((resolve) => {
      release = resolve;
    });
    await timer.tick();
    await write(ann);
    const second = hintsOf(await watch(ann));
    release();
    await timer.tick(2);
    expect([first, second]).toEqual([[{ position: 1 }, { position: 2 }], [{ position: 2 }]]);
  });

  it('tells that the positions begin again when the data was erased', async () => {
    const { watch, write, timer, tasks } = setUp();
    const ann = aUser();
    await write(ann, 3);
    const hints = hintsOf(await watch(ann));
    await tasks.ownedBy(ann).removeAll();
    await timer.tick();
    await write(ann);
    await timer.tick();
    expect(hints).toEqual([{ position: 3 }, { position: 0 }, { position: 1 }]);
  });

  it('says every 20 seconds that nothing changed', async () => {
    const { watch, write, timer } = setUp();
    const ann = aUser();
    const hints = hintsOf(await watch(ann));
    const untilHeartbeat = HEARTBEAT_MS / POLL_INTERVAL_MS;
    await timer.tick(untilHeartbeat - 1);
    expect(hints).toEqual([{ position: 0 }]);
    await timer.tick();
    expect(hints).toEqual([{ position: 0 }, 'unchanged']);
    await timer.tick(untilHeartbeat - 2);
    await write(ann);
    await timer.tick(untilHeartbeat);
    expect(hints).toEqual([{ position: 0 }, 'unchanged', { position: 1 }]);
    await timer.tick();
    expect(hints).toEqual([{ position: 0 }, 'unchanged', { position: 1 }, 'unchanged']);
  });

  it('ends with the token, and after a day at the latest', async () => {
    const { watch, timer, clock, watchTasks } = setUp();
    const [short, long] = [hintsOf(await watch(aUser(), 60_000)), hintsOf(await watch(aUser()))];
    clock.advance(59_000);
    await timer.tick();
    expect([short.at(-1), watchTasks.count]).toEqual([{ position: 0 }, 2]);
    clock.advance(1_000);
    await timer.tick();
    expect([short.at(-1), watchTasks.count]).toEqual(['end', 1]);
    clock.advance(WATCH_MAX_MS - 61_000);
    await timer.tick();
    expect(long.at(-1)).toEqual({ position: 0 });
    clock.advance(1_000);
    await timer.tick();
    expect([long.at(-1), watchTasks.count, timer.isRunning]).toEqual(['end', 0, false]);
  });
});

describe('the watches of a process', () => {
  it('share one reading, and cause none while there is no watch', async () => {
    const { watch, timer, positions } = setUp();
    const [ann, bob] = [aUser(), aUser()];
    expect(timer.isRunning).toBe(false);
    const watches = [await watch(ann), await watch(ann), await watch(bob)];
    await timer.tick();
    expect(positions.readings).toEqual([[ann, bob]]);
    for (const one of watches) one.close();
    await timer.tick();
    expect(positions.readings).toHaveLength(1);
    expect(timer.isRunning).toBe(false);
    await watch(bob);
    await timer.tick();
    expect(positions.readings).toEqual([[ann, bob], [bob]]);
  });

  it('wait for a slow reading before the next one', async () => {
    const { watch, timer, positions } = setUp();
    await watch(aUser());
    let release = () => {};
    positions.held = new Promise((resolve) => {
      release = resolve;
    });
    await timer.tick(5);
    expect(positions.readings).toHaveLength(1);
    release();
    await timer.tick(2);
    expect(positions.readings.length).toBeGreaterThan(1);
  });

  it('stay open while positions cannot be read, and report it once', async () => {
    const { watch, write, timer, positions, reported } = setUp();
    const ann = aUser();
    const hints = hintsOf(await watch(ann));
    positions.failure = new Error('out of reach');
    await write(ann);
    await timer.tick(HEARTBEAT_MS / POLL_INTERVAL_MS);
    expect(hints).toEqual([{ position: 0 }, 'unchanged']);
    expect(reported).toEqual(['Error: out of reach']);
    positions.failure = undefined;
    await timer.tick(3);
    expect(hints).toEqual([{ position: 0 }, 'unchanged', { position: 1 }]);
    expect(reported).toEqual(['Error: out of reach', 'recovered']);
  });

  it('are bounded for each user and in all, also while they are being opened', async () => {
    const { open, watchTasks } = setUp();
    const [ann, bob] = [aUser(), aUser()];
    const ofAnn = await Promise.all([open(ann), open(ann), open(ann)]);
    expect(ofAnn.map((one) => one === 'refused')).toEqual([false, false, true]);
    const ofBob = await Promise.all([open(bob), open(bob)]);
    expect(ofBob.map((one) => one === 'refused')).toEqual([false, true]);
    for (const one of ofAnn) if (one !== 'refused') one.close();
    for (const one of ofAnn) if (one !== 'refused') one.close();
    expect(watchTasks.count).toBe(1);
    expect(await open(bob)).not.toBe('refused');
    expect(await open(bob)).toBe('refused');
  });

  it('leave no trace of one that cannot be opened', async () => {
    const { open, tasks, watchTasks, timer } = setUp();
    const ann = aUser();
    const { state } = tasks.ownedBy(ann);
    tasks.ownedBy(ann).state = () => Promise.reject(new Error('out of reach'));
    for (let time = 0; time < 5; time += 1) await expect(open(ann)).rejects.toThrow('out of reach');
    expect([watchTasks.count, timer.isRunning]).toEqual([0, false]);
    tasks.ownedBy(ann).state = state;
    expect(await open(ann)).not.toBe('refused');
  });

  it('end together, also one that is being opened, and no other one opens', async () => {
    const { watch, open, watchTasks, timer } = setUp();
    const all = [hintsOf(await watch(aUser())), hintsOf(await watch(aUser()))];
    const opening = open(aUser());
    watchTasks.close();
    expect(await opening).toBe('refused');
    expect(await open(aUser())).toBe('refused');
    expect(all.map((hints) => hints.at(-1))).toEqual(['end', 'end']);
    expect([watchTasks.count, timer.isRunning]).toEqual([0, false]);
  });
});
