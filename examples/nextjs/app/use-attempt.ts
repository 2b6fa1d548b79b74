import { useState } from 'react';

/** Runs an action, and keeps the message of its error until the next attempt. */
export function useAttempt() {
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<string>();
  const attempt = async (action: () => Promise<void>) => {
    if (running) return;
    setRunning(true);
    setError(undefined);
    try {
      await action();
    } catch (reason) {
      setError(messageOf(reason));
    } finally {
      setRunning(false);
    }
  };
  return { running, error, attempt };
}

function messageOf(reason: unknown): string {
  // What `fetch` throws if there is no response.
  if (reason instanceof TypeError) return 'The server does not respond. Try again.';
  return reason instanceof Error ? reason.message : String(reason);
}
