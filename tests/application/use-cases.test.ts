import { describe, expect, it as test } from 'vitest';
import { createUseCases, type UseCases } from '../../application/use-cases.ts';
import { Description } from '../../domain/description.ts';
import { TaskNotFound } from '../../domain/domain-errors.ts';
import type { TaskRef } from '../../domain/task.ts';
import { TaskNumber } from '../../domain/task-number.ts';
import { Title } from '../../domain/title.ts';
import type { UserId } from '../../domain/user-id.ts';
import { InMemoryTaskRepository } from '../../infrastructure/in-memory/in-memory-task-repository.ts';
import { UuidV7TaskIds } from '../../infrastructure/system/uuid-v7-task-ids.ts';
import { allTasks } from '../conformance/all-tasks.ts';
import { aUser } from '../conformance/builders.ts';
import { TickingClock } from '../support/ticking-clock.ts';

const it = test
  .extend('useCases', () =>
    createUseCases({ tasks: new InMemoryTaskRepository(new TickingClock()), ids: new UuidV7TaskIds() }),
  )
  .extend('owner', () => aUser('owner'))
  .extend('stranger', () => aUser('stranger'));

const title = Title('Buy groceries');
const details = { title, description: undefined };

describe('CreateTask', () => {
  it('creates a pending task with both of its ids', async ({ useCases, owner }) => {
    const { task } = await useCases.createTask.execute({ owner, details: { title, description: Description('Milk') } });
    expect(task).toMatchObject({ owner, number: 1, title, description: 'Milk', completed: false, version: 1 });
    expect(task.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it('numbers the tasks of each owner separately', async ({ useCases, owner, stranger }) => {
    expect((await useCases.createTask.execute({ owner, details })).task.number).toBe(1);
    expect((await useCases.createTask.execute({ owner, details })).task.number).toBe(2);
    expect((await useCases.createTask.execute({ owner: stranger, details })).task.number).toBe(1);
  });
});

describe('GetTask', () => {
  it('finds a task by either of its ids', async ({ useCases, owner }) => {
    const { task } = await useCases.createTask.execute({ owner, details });
    expect(await useCases.getTask.execute({ owner, task: { id: task.id } })).toEqual(task);
    expect(await useCases.getTask.execute({ owner, task: { number: task.number } })).toEqual(task);
  });
});

describe('ListTasks', () => {
  it('lists the tasks of the owner only', async ({ useCases, owner, stranger }) => {
    const { task } = await useCases.createTask.execute({ owner, details });
    await useCases.createTask.execute({ owner: stranger, details });
    expect(await allTasks(useCases.listTasks.execute({ owner, query: { order: 'newest' } }))).toEqual([task]);
  });
});

describe('UpdateTask', () => {
  it('changes the given fields', async ({ useCases, owner }) => {
    const { id } = (await useCases.createTask.execute({ owner, details })).task;
    const updated = await useCases.updateTask.execute({ owner, task: { id }, change: { title: Title('Buy milk') } });
    expect(updated).toMatchObject({ title: 'Buy milk', version: 2 });
  });
});

describe('ToggleTask', () => {
  it('completes a pending task and reopens a completed one', async ({ useCases, owner }) => {
    const task = { id: (await useCases.createTask.execute({ owner, details })).task.id };
    expect((await useCases.toggleTask.execute({ owner, task })).completed).toBe(true);
    expect((await useCases.toggleTask.execute({ owner, task })).completed).toBe(false);
  });
});

describe('DeleteTask', () => {
  it('removes the task', async ({ useCases, owner }) => {
    const task = { id: (await useCases.createTask.execute({ owner, details })).task.id };
    await useCases.deleteTask.execute({ owner, task });
    await expect(useCases.getTask.execute({ owner, task })).rejects.toThrow(TaskNotFound);
  });
});

describe.each<[name: string, act: (useCases: UseCases, owner: UserId, task: TaskRef) => Promise<unknown>]>([
  ['GetTask', (useCases, owner, task) => useCases.getTask.execute({ owner, task })],
  [
    'UpdateTask',
    (useCases, owner, task) => useCases.updateTask.execute({ owner, task, change: { title: Title('Mine now') } }),
  ],
  ['UpdateTask without a change', (useCases, owner, task) => useCases.updateTask.execute({ owner, task, change: {} })],
  ['ToggleTask', (useCases, owner, task) => useCases.toggleTask.execute({ owner, task })],
  ['DeleteTask', (useCases, owner, task) => useCases.deleteTask.execute({ owner, task })],
])('%s', (_, act) => {
  it('refuses a task that does not exist', async ({ useCases, owner }) => {
    await expect(act(useCases, owner, { number: TaskNumber(7) })).rejects.toThrow(TaskNotFound);
  });

  it('hides a task from other users under both ids, and leaves it unchanged', async ({ useCases, owner, stranger }) => {
    const { task } = await useCases.createTask.execute({ owner, details });
    await expect(act(useCases, stranger, { id: task.id })).rejects.toThrow(TaskNotFound);
    await expect(act(useCases, stranger, { number: task.number })).rejects.toThrow(TaskNotFound);
    expect(await useCases.getTask.execute({ owner, task: { id: task.id } })).toEqual(task);
  });
});

describe('EraseUser', () => {
  it('erases one user and returns what it erased', async ({ useCases, owner, stranger }) => {
    await useCases.createTask.execute({ owner, details });
    const { task: kept } = await useCases.createTask.execute({ owner: stranger, details });
    expect(await useCases.eraseUser.execute({ owner })).toEqual({ tasks: 1, lastNumber: 1 });
    expect(await allTasks(useCases.listTasks.execute({ owner, query: { order: 'newest' } }))).toEqual([]);
    expect(await allTasks(useCases.listTasks.execute({ owner: stranger, query: { order: 'newest' } }))).toEqual([kept]);
  });
});
