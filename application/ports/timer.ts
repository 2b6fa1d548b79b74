/** Calls functions later, so that tests can decide when. */
export interface Timer {
  /**
   * Calls a function again and again. It does not keep the process alive.
   *
   * @param intervalMs the pause between two calls, in milliseconds
   * @returns a function that stops the calls
   */
  every(intervalMs: number, call: () => void): () => void;
}
