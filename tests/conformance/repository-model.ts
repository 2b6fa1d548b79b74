import fc from 'fast-check';
import { expect } from 'vitest';
import type { TaskRepository } from '../../application/ports/task-repository.ts';
import { Description } from '../../domain/description.ts';
import type { Task, TaskRef } from '../../domain/task.ts';
import { cleared, type TaskChange, toggled } from '../../domain/task-change.ts';
import { TaskId } from '../../domain/task-id.ts';
import { TaskNumber } from '../../domain/task-number.ts';
import { Title } from '../../domain/title.ts';
import type { UserId } from '../../domain/user-id.ts';
import { type Actions, actionsOn } from './actions.ts';
import { aNewTask } from './builders.ts';

/** A simple model of a repository: an array of tasks for each user. */
interface Model {
  readonly users: readonly UserId[];
  readonly owned: Map<UserId, { tasks: Plain[]; last: number }>;
}

interface Plain {
  readonly id: TaskId;
  readonly number: number;
  title: string;
  description: string | undefined;
  completed: boolean;
  version: number;
}

/** A user, and any task of any user, so that a command often refers to the task of another user. */
interface Aim {
  readonly user: number;
  readonly task: number;
  readonly by: 'id' | 'number';
}

const ABSENT = TaskId('00000000-0000-7000-8000-000000000000');

const aim = fc.record({ user: fc.nat(2), task: fc.nat(6), by: fc.constantFrom('id' as const, 'number' as const) });
const title = fc
  .array(fc.constantFrom('a', 'B', 'b', 'ä', 'z', '1', ' ', '🛒', '日'), { minLength: 1, maxLength: 4 })
  .map((letters) => Title(`x${letters.join('')}`));
const description = fc.string({ unit: 'binary', maxLength: 5 }).map((text) => Description(text.replaceAll('\0', '')));
const change = fc.record(
  {
    title,
    description: fc.oneof(description, fc.constant(cleared)),
    completed: fc.oneof(fc.boolean(), fc.constant(toggled)),
  },
  { requiredKeys: [] },
);

/** Generates random sequences of all actions on a repository. */
export function repositoryCommands(): fc.Arbitrary<Iterable<fc.AsyncCommand<Model, TaskRepository>>> {
  return fc.commands(
    [
      fc.tuple(fc.nat(2), title, fc.option(description, { nil: undefined })).map((args) => new Add(...args)),
      aim.map((aim) => new Find(aim)),
      fc.tuple(aim, change).map((args) => new Change(...args)),
      aim.map((aim) => new Remove(aim)),
      fc.nat(2).map((user) => new RemoveAll(user)),
      fc.tuple(fc.nat(2), fc.option(fc.boolean(), { nil: undefined }), fc.boolean()).map((args) => new List(...args)),
    ],
    { maxCommands: 25 },
  );
}

abstract class Command implements fc.AsyncCommand<Model, TaskRepository> {
  check(): boolean {
    return true;
  }

  abstract run(model: Model, real: TaskRepository): Promise<void>;

  toString(): string {
    return `${this.constructor.name}(${JSON.stringify(this, (_, value) => (typeof value === 'symbol' ? String(value) : value))})`;
  }
}

class Add extends Command {
  constructor(
    readonly user: number,
    readonly title: Title,
    readonly description: Description | undefined,
  ) {
    super();
  }

  async run(model: Model, real: TaskRepository): Promise<void> {
    const { mine, tasks } = sides(model, real, this.user);
    const given = aNewTask({ title: this.title, description: this.description });
    const added = await tasks.add(given);
    mine.last += 1;
    const plain = { ...given, number: mine.last, completed: false, version: 1 };
    mine.tasks.push(plain);
    expectSame(added, plain);
  }
}

class Find extends Command {
  constructor(readonly aim: Aim) {
    super();
  }

  async run(model: Model, real: TaskRepository): Promise<void> {
    const { ref, plain, tasks } = target(model, real, this.aim);
    expectSame(await tasks.find(ref), plain);
  }
}

class Change extends Command {
  constructor(
    readonly aim: Aim,
    readonly change: TaskChange,
  ) {
    super();
  }

  async run(model: Model, real: TaskRepository): Promise<void> {
    const { ref, plain, tasks } = target(model, real, this.aim);
    const { title, description, completed } = this.change;
    if (plain !== undefined && Object.keys(this.change).length > 0) {
      if (title !== undefined) plain.title = title;
      if (description !== undefined) plain.description = description === cleared ? undefined : description;
      if (completed !== undefined) plain.completed = completed === toggled ? !plain.completed : completed;
      plain.version += 1;
    }
    expectSame(await tasks.change(ref, this.change), plain);
  }
}

class Remove extends Command {
  constructor(readonly aim: Aim) {
    super();
  }

  async run(model: Model, real: TaskRepository): Promise<void> {
    const { ref, plain, mine, tasks } = target(model, real, this.aim);
    mine.tasks = mine.tasks.filter((task) => task !== plain);
    expect(await tasks.remove(ref)).toBe(plain !== undefined);
  }
}

class RemoveAll extends Command {
  constructor(readonly user: number) {
    super();
  }

  async run(model: Model, real: TaskRepository): Promise<void> {
    const { mine, tasks } = sides(model, real, this.user);
    expect(await tasks.removeAll()).toEqual({ tasks: mine.tasks.length, lastNumber: mine.last || undefined });
    Object.assign(mine, { tasks: [], last: 0 });
  }
}

class List extends Command {
  constructor(
    readonly user: number,
    readonly completed: boolean | undefined,
    readonly byTitle: boolean,
  ) {
    super();
  }

  async run(model: Model, real: TaskRepository): Promise<void> {
    const { mine, tasks } = sides(model, real, this.user);
    const wanted = mine.tasks
      .filter((task) => this.completed === undefined || task.completed === this.completed)
      .sort((a, b) => (this.byTitle && compare(a.title, b.title)) || b.number - a.number);
    const listed = await tasks.list({ completed: this.completed, order: this.byTitle ? 'title' : 'newest' });
    expect(listed.map(({ number }) => number)).toEqual(wanted.map(({ number }) => number));
    for (const [index, task] of listed.entries()) expectSame(task, wanted[index]);
  }
}

/** Compares in the root order of the Unicode Collation Algorithm, without regard to letter case. */
function compare(a: string, b: string): number {
  return a.toLowerCase().localeCompare(b.toLowerCase(), 'und');
}

function sides(model: Model, real: TaskRepository, user: number) {
  const owner = model.users[user]!;
  const mine = model.owned.get(owner) ?? { tasks: [], last: 0 };
  model.owned.set(owner, mine);
  return { owner, mine, tasks: actionsOn(real.ownedBy(owner)) };
}

function target(model: Model, real: TaskRepository, { user, task, by }: Aim) {
  const { mine, tasks }: { mine: { tasks: Plain[]; last: number }; tasks: Actions } = sides(model, real, user);
  const anyones = [...model.owned.values()].flatMap((owned) => owned.tasks);
  const wanted = anyones[task % Math.max(anyones.length, 1)];
  const ref: TaskRef = by === 'id' ? { id: wanted?.id ?? ABSENT } : { number: TaskNumber(wanted?.number ?? 1) };
  const plain = mine.tasks.find((own) => ('id' in ref ? own.id === ref.id : own.number === ref.number));
  return { ref, plain, mine, tasks };
}

function expectSame(real: Task | undefined, plain: Plain | undefined): void {
  if (real === undefined || plain === undefined) {
    expect(real).toBe(plain);
    return;
  }
  const { id, number, title, description, completed, version } = real;
  expect({ id, number, title, description, completed, version }).toEqual({ ...plain, description: plain.description });
}
