/** What answers requests: this process, or several under it. */
export interface Serving {
  /** Resolves with where it answers, once it does. @throws OperatorFault */
  start(): Promise<string>;
  /** Takes no new requests, lets those under way finish, and gives back what it holds. Also after a start that failed. */
  close(): Promise<void>;
  /** Ends at once what would outlive this process. */
  kill(): void;
}

/** Milliseconds that requests under way have to finish once a stop is asked for. */
export const GRACE = 10_000;
