/** An event for the alarms of operators. The names are stable. error-table.ts assigns errors to events. */
export interface SecurityEvent {
  readonly event:
    | 'auth.failed'
    | 'sign_in.failed'
    | 'sign_up.refused'
    | 'auth.key_set_unavailable'
    | 'access.user_mismatch'
    | 'rate.limited';
  readonly request_id: string;
  readonly address: string;
  readonly user_id: string | undefined;
  /** The message of the error. It contains nothing that the client sent. */
  readonly reason: string;
  /** The limit that was reached. */
  readonly limit?: string;
}
