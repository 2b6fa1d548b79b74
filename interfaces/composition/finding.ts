/** What `taskwell check` finds out about one part of the system. */
export interface Finding {
  /** The state in words. */
  readonly about: string;
  /** A sentence with what to do. Absent: nothing has to be done. */
  readonly fault?: string;
}
