import { errorCode } from '../../infrastructure/error-code.ts';

/** The first line of an error of a driver or of Node, with its code where it has one. */
export function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  return [cause.message.split('\n')[0], errorCode(cause)].filter(Boolean).join(', ') || cause.name;
}
