/**
 * Waits for a promise for a limited time. The promise itself goes on.
 *
 * @param overdueError makes the error for a promise that takes longer; it is called only then, as a stack trace costs time
 */
export async function withTimeout<Value>(
  promise: Promise<Value>,
  milliseconds: number,
  overdueError: () => Error,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(overdueError()), milliseconds);
  });
  try {
    return await Promise.race([promise, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
