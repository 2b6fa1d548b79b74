/** What one client may use of the server before it is refused or cut off. Tests set smaller limits. */
export interface HttpLimits {
  /** All headers of a request, in bytes. Beyond that it is 431. */
  readonly headersBytes: number;
  /** Time for the headers of a request to arrive. Then it is 408. */
  readonly headersTimeoutMs: number;
  /** Time for a whole request to arrive. A body of 1 MiB has to arrive with 35 KB/s at least. Then it is 408. */
  readonly requestTimeoutMs: number;
  /** Time without a byte in either direction, while a request or its response is under way. Then the connection is cut. */
  readonly stallTimeoutMs: number;
  /** Time that a connection may be idle between two requests. */
  readonly keepAliveTimeoutMs: number;
  /** How often the times of requests are checked. */
  readonly checkIntervalMs: number;
  /** Time that a connection may be idle once the server drains. */
  readonly drainingIdleMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  headersBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  stallTimeoutMs: 30_000,
  // Longer than the 60 s after which usual load balancers close an idle connection, so that never both ends do it.
  keepAliveTimeoutMs: 65_000,
  checkIntervalMs: 1_000,
  drainingIdleMs: 1_000,
};
