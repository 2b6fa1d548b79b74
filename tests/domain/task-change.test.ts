import { describe, expect, it } from 'vitest';
import { Description } from '../../domain/description.ts';
import { applyChange, changesNothing, cleared, toggled } from '../../domain/task-change.ts';
import { Title } from '../../domain/title.ts';
import { aTask, LATER, NOON } from '../support/builders.ts';

describe('a change', () => {
  it('sets the fields that it names and keeps the others', () => {
    const task = aTask({ description: Description('Milk') });
    expect(applyChange(task, { title: Title('Buy milk') }, LATER, 2)).toEqual({
      ...task,
      title: 'Buy milk',
      updatedAt: LATER,
      version: 2,
      position: 2,
    });
  });

  it('distinguishes clearing a description from keeping it', () => {
    const task = aTask({ description: Description('Milk') });
    expect(applyChange(task, { description: cleared }, LATER, 2).description).toBeUndefined();
    expect(applyChange(task, { description: Description('') }, LATER, 2).description).toBe('');
    expect(applyChange(task, { completed: true }, LATER, 2).description).toBe('Milk');
  });

  it('sets completion or toggles it', () => {
    expect(applyChange(aTask({ completed: true }), { completed: true }, LATER, 2).completed).toBe(true);
    expect(applyChange(aTask({ completed: true }), { completed: toggled }, LATER, 2).completed).toBe(false);
    expect(applyChange(aTask({ completed: false }), { completed: toggled }, LATER, 2).completed).toBe(true);
  });

  it('is an update even when it changes no value', () => {
    const task = aTask();
    expect(applyChange(task, { title: task.title }, LATER, 2)).toMatchObject({ updatedAt: LATER, version: 2 });
  });

  it('is no update when it names no field', () => {
    const task = aTask();
    expect(changesNothing({ title: undefined })).toBe(true);
    expect(applyChange(task, {}, LATER, 2)).toBe(task);
  });

  it('does not modify the original task', () => {
    const task = Object.freeze(aTask());
    applyChange(task, { completed: toggled }, LATER, 2);
    expect(task.completed).toBe(false);
  });

  it('never moves updatedAt back', () => {
    expect(applyChange(aTask({ updatedAt: LATER }), { completed: toggled }, NOON, 2).updatedAt).toBe(LATER);
  });
});
