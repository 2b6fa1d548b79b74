import { TaskChanged, TaskNotFound } from '../domain/domain-errors.ts';

/**
 * Returns the outcome of a write that was applied.
 *
 * @throws TaskNotFound, TaskChanged
 */
export function requireWritten<Outcome extends { readonly outcome: 'done' | 'absent' | 'stale' }>(
  written: Outcome,
): Extract<Outcome, { readonly outcome: 'done' }> {
  if (isDone(written)) return written;
  throw written.outcome === 'absent' ? new TaskNotFound() : new TaskChanged();
}

function isDone<Outcome extends { readonly outcome: string }>(
  written: Outcome,
): written is Extract<Outcome, { readonly outcome: 'done' }> {
  return written.outcome === 'done';
}
