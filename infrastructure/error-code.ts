/** The code of an error from Node.js or a library, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The first line of an error from Node.js or a library, with its code if it has one. */
export function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  return [cause.message.split('\n')[0], errorCode(cause)].filter(Boolean).join(', ') || cause.name;
}
