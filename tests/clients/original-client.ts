/** What an original frontend sends, in the order of a visit from sign-up on, and what its pages read of the answers. */
export interface OriginalClient {
  /** Where the facts come from. */
  readonly source: { readonly repository: string; readonly commit: string };
  readonly contract: string;
  /** What its base URL adds to the place of its contract. */
  readonly base: string;
  readonly calls: readonly Call[];
}

export interface Call {
  readonly does: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `{name}` is a value that an earlier call kept. */
  readonly path: string;
  readonly body?: object;
  /** Sent without a token. */
  readonly isPublic?: true;
  /** Any success if absent. */
  readonly status?: number;
  /** The parts of the answer that the page reads, by their path: a value, or the constructor of its type. */
  readonly reads?: Readonly<Record<string, unknown>>;
  /** The parts that it keeps for later calls, by their path. */
  readonly keeps?: Readonly<Record<string, string>>;
}
