/** An event for an operator's alarms. Its names are stable; error-table.ts says which errors are events. */
export interface SecurityEvent {
  readonly event: 'auth.failed' | 'auth.key_set_unavailable' | 'access.user_mismatch' | 'rate.limited';
  readonly request_id: string;
  readonly address: string;
  readonly user_id: string | undefined;
  /** The error's own sentence. It contains nothing that the client sent. */
  readonly reason: string;
  /** The limit that was reached. */
  readonly limit?: string;
}
