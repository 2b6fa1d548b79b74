/**
 * - `unreachable`: no response arrived, or one that says that the server failed, so it may have acted or not
 * - `signed-out`: the session has ended
 * - `missing`: the task does not exist
 * - `refused`: anything else
 */
export type FailureKind = 'unreachable' | 'signed-out' | 'missing' | 'refused';

/** A request that failed. The message is for the person at the page. */
export class Failure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
  ) {
    super(message);
  }
}

/** The failure that was thrown. Anything else is a bug: it goes to the browser's console. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  reportError(thrown);
  return new Failure('refused', 'Something went wrong on this page.');
}
