import { describe, expect, it } from 'vitest';
import { Description } from '../../domain/description.ts';
import { applyChange, changesNothing, cleared, toggled } from '../../domain/task-change.ts';
import { Title } from '../../domain/title.ts';
import { aTask, LATER, NOON } from '../support/builders.ts';

describe('a change', () => {
  it('sets what it names and leaves the rest', () => {
    const task = aTask({ description: Description('Milk') });
    expect(applyChange(task, { title: Title('Buy milk') }, LATER)).toEqual({
      ...task,
      title: 'Buy milk',
      updatedAt: LATER,
      version: 2,
    });
  });

  it('tells a description that goes away from one that stays', () => {
    const task = aTask({ description: Description('Milk') });
    expect(applyChange(task, { description: cleared }, LATER).description).toBeUndefined();
    expect(applyChange(task, { description: Description('') }, LATER).description).toBe('');
    expect(applyChange(task, { completed: true }, LATER).description).toBe('Milk');
  });

  it('sets completion, or turns it round', () => {
    expect(applyChange(aTask({ completed: true }), { completed: true }, LATER).completed).toBe(true);
    expect(applyChange(aTask({ completed: true }), { completed: toggled }, LATER).completed).toBe(false);
    expect(applyChange(aTask({ completed: false }), { completed: toggled }, LATER).completed).toBe(true);
  });

  it('is an update even when it changes no value', () => {
    const task = aTask();
    expect(applyChange(task, { title: task.title }, LATER)).toMatchObject({ updatedAt: LATER, version: 2 });
  });

  it('is none when it names nothing', () => {
    const task = aTask();
    expect(changesNothing({ title: undefined })).toBe(true);
    expect(applyChange(task, {}, LATER)).toBe(task);
  });

  it('leaves the task that it was made of alone', () => {
    const task = Object.freeze(aTask());
    applyChange(task, { completed: toggled }, LATER);
    expect(task.completed).toBe(false);
  });

  it('never takes a task back in time', () => {
    expect(applyChange(aTask({ updatedAt: LATER }), { completed: toggled }, NOON).updatedAt).toBe(LATER);
  });
});
