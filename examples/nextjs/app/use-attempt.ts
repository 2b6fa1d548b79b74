import { useCallback, useRef, useState } from 'react';

/** Runs one action at a time, and keeps the message of its error until the next attempt. */
export function useAttempt() {
  const busy = useRef(false);
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<string>();
  const attempt = useCallback(async (action: () => Promise<void>) => {
    if (busy.current) return;
    busy.current = true;
    setRunning(true);
    setError(undefined);
    try {
      await action();
    } catch (reason) {
      setError(messageOf(reason));
    } finally {
      busy.current = false;
      setRunning(false);
    }
  }, []);
  return { running, error, attempt };
}

function messageOf(reason: unknown): string {
  // What `fetch` throws if there is no response.
  if (reason instanceof TypeError) return 'The server does not respond. Try again.';
  return reason instanceof Error ? reason.message : String(reason);
}
