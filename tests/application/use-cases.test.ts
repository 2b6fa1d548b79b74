import { describe, expect, it } from 'vitest';
import { CreateTask } from '../../application/create-task.ts';
import { DeleteTask } from '../../application/delete-task.ts';
import { EraseUser } from '../../application/erase-user.ts';
import { GetTask } from '../../application/get-task.ts';
import { ListTasks } from '../../application/list-tasks.ts';
import { ToggleTask } from '../../application/toggle-task.ts';
import { UpdateTask } from '../../application/update-task.ts';
import { Description } from '../../domain/description.ts';
import { TaskNotFound } from '../../domain/errors.ts';
import type { TaskRef } from '../../domain/task.ts';
import { TaskNumber } from '../../domain/task-number.ts';
import { Title } from '../../domain/title.ts';
import type { UserId } from '../../domain/user-id.ts';
import { InMemoryTaskRepository } from '../../infrastructure/in-memory/in-memory-task-repository.ts';
import { UuidV7TaskIds } from '../../infrastructure/system/uuid-v7-task-ids.ts';
import { aUser } from '../conformance/builders.ts';
import { TickingClock } from '../support/ticking-clock.ts';

function useCases() {
  const tasks = new InMemoryTaskRepository(new TickingClock());
  return {
    create: new CreateTask(tasks, new UuidV7TaskIds()),
    get: new GetTask(tasks),
    list: new ListTasks(tasks),
    update: new UpdateTask(tasks),
    toggle: new ToggleTask(tasks),
    remove: new DeleteTask(tasks),
    erase: new EraseUser(tasks),
  };
}

const title = Title('Buy groceries');
const details = { title, description: undefined };

describe('CreateTask', () => {
  it('makes a pending task with both of its ids', async () => {
    const { create } = useCases();
    const owner = aUser();
    const task = await create.execute({ owner, details: { title, description: Description('Milk') } });
    expect(task).toMatchObject({ owner, number: 1, title, description: 'Milk', completed: false, version: 1 });
    expect(task.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it('counts within its owner', async () => {
    const { create } = useCases();
    const [ann, bob] = [aUser('ann'), aUser('bob')];
    expect((await create.execute({ owner: ann, details })).number).toBe(1);
    expect((await create.execute({ owner: ann, details })).number).toBe(2);
    expect((await create.execute({ owner: bob, details })).number).toBe(1);
  });
});

describe('GetTask', () => {
  it('finds a task by either of its ids', async () => {
    const { create, get } = useCases();
    const owner = aUser();
    const task = await create.execute({ owner, details });
    expect(await get.execute({ owner, task: { id: task.id } })).toEqual(task);
    expect(await get.execute({ owner, task: { number: task.number } })).toEqual(task);
  });
});

describe('ListTasks', () => {
  it("gives the owner's tasks and nobody else's", async () => {
    const { create, list } = useCases();
    const [ann, bob] = [aUser('ann'), aUser('bob')];
    const task = await create.execute({ owner: ann, details });
    await create.execute({ owner: bob, details });
    expect(await list.execute({ owner: ann, query: { order: 'newest' } })).toEqual([task]);
  });
});

describe('UpdateTask', () => {
  it('changes what it is told to', async () => {
    const { create, update } = useCases();
    const owner = aUser();
    const { id } = await create.execute({ owner, details });
    const updated = await update.execute({ owner, task: { id }, change: { title: Title('Buy milk') } });
    expect(updated).toMatchObject({ title: 'Buy milk', version: 2 });
  });
});

describe('ToggleTask', () => {
  it('completes a pending task, and the other way round', async () => {
    const { create, toggle } = useCases();
    const owner = aUser();
    const task = { id: (await create.execute({ owner, details })).id };
    expect((await toggle.execute({ owner, task })).completed).toBe(true);
    expect((await toggle.execute({ owner, task })).completed).toBe(false);
  });
});

describe('DeleteTask', () => {
  it('removes the task for good', async () => {
    const { create, remove, get } = useCases();
    const owner = aUser();
    const task = { id: (await create.execute({ owner, details })).id };
    await remove.execute({ owner, task });
    await expect(get.execute({ owner, task })).rejects.toThrow(TaskNotFound);
  });
});

describe.each<
  [name: string, act: (cases: ReturnType<typeof useCases>, owner: UserId, task: TaskRef) => Promise<unknown>]
>([
  ['GetTask', ({ get }, owner, task) => get.execute({ owner, task })],
  ['UpdateTask', ({ update }, owner, task) => update.execute({ owner, task, change: { title: Title('Mine now') } })],
  ['UpdateTask without a change', ({ update }, owner, task) => update.execute({ owner, task, change: {} })],
  ['ToggleTask', ({ toggle }, owner, task) => toggle.execute({ owner, task })],
  ['DeleteTask', ({ remove }, owner, task) => remove.execute({ owner, task })],
])('%s', (_, act) => {
  it('refuses a task that does not exist', async () => {
    await expect(act(useCases(), aUser(), { number: TaskNumber(7) })).rejects.toThrow(TaskNotFound);
  });

  it('hides a task from everyone but its owner, under either id, and leaves it as it is', async () => {
    const cases = useCases();
    const [owner, stranger] = [aUser('owner'), aUser('stranger')];
    const task = await cases.create.execute({ owner, details });
    await expect(act(cases, stranger, { id: task.id })).rejects.toThrow(TaskNotFound);
    await expect(act(cases, stranger, { number: task.number })).rejects.toThrow(TaskNotFound);
    expect(await cases.get.execute({ owner, task: { id: task.id } })).toEqual(task);
  });
});

describe('EraseUser', () => {
  it('forgets one user and tells what there was', async () => {
    const { create, list, erase } = useCases();
    const [ann, bob] = [aUser('ann'), aUser('bob')];
    await create.execute({ owner: ann, details });
    const kept = await create.execute({ owner: bob, details });
    expect(await erase.execute({ owner: ann })).toEqual({ tasks: 1, lastNumber: 1 });
    expect(await list.execute({ owner: ann, query: { order: 'newest' } })).toEqual([]);
    expect(await list.execute({ owner: bob, query: { order: 'newest' } })).toEqual([kept]);
  });
});
