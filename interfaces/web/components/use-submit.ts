import { type ReadonlySignal, type Signal, useSignal } from '@preact/signals';
import { asFailure, type Failure } from '../api/failure.ts';

interface Submission {
  readonly running: ReadonlySignal<boolean>;
  readonly failure: Signal<Failure | undefined>;
  readonly submit: (event: Event) => Promise<void>;
}

/** Runs an action when a form is submitted, once at a time. The form keeps its input if the action fails. */
export function useSubmit(action: () => Promise<void>): Submission {
  const running = useSignal(false);
  const failure = useSignal<Failure | undefined>(undefined);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (running.value) return;
    running.value = true;
    failure.value = undefined;
    try {
      await action();
    } catch (error) {
      failure.value = asFailure(error);
    } finally {
      running.value = false;
    }
  };
  return { running, failure, submit };
}
