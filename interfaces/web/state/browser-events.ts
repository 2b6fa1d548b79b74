import { effect } from '@preact/signals';
import { session } from './session.ts';

/** Makes the browser ask before it closes the page, as long as the server does not have everything. */
export function warnOfUnsavedChanges(): void {
  effect(() => {
    const unsaved = session.value.kind === 'signed-in' && session.value.tasks.unsaved.value > 0;
    if (!unsaved) return;
    const ask = (event: Event) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  });
}

/** Sends what failed once the browser is online again, and reads the list when the person returns to the page. */
export function followConnection(): void {
  const tasks = () => (session.value.kind === 'signed-in' ? session.value.tasks : undefined);
  addEventListener('online', () => void tasks()?.recover());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void tasks()?.refresh();
  });
}
