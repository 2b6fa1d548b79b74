import { KeySetUnavailable, RateLimited, Unauthenticated } from '../../../application/errors.ts';
import { POLICIES } from '../pipeline/rate-limit-headers.ts';
import type { RequestState } from '../pipeline/request-state.ts';
import { RequestRefused } from './http-errors.ts';

/** Something that an operator's alarm may want to know of, under a name that never changes. */
export interface SecurityEvent {
  readonly event: 'auth.failed' | 'auth.key_set_unavailable' | 'access.user_mismatch' | 'rate.limited';
  readonly request_id: string;
  readonly address: string;
  readonly user_id: string | undefined;
  /** A sentence of ours: nothing in it was sent by anybody. */
  readonly reason: string;
  /** Which one, where a limit was reached. */
  readonly limit?: string;
}

/** The event that a refusal is, if it is one. */
export function securityEventOf(thrown: unknown, state: RequestState): SecurityEvent | undefined {
  const { requestId: request_id, address, user: user_id } = state;
  const event = (name: SecurityEvent['event'], { message: reason }: Error): SecurityEvent => ({
    event: name,
    request_id,
    address,
    user_id,
    reason,
  });
  if (thrown instanceof Unauthenticated) return event('auth.failed', thrown);
  if (thrown instanceof KeySetUnavailable) return event('auth.key_set_unavailable', thrown);
  if (thrown instanceof RequestRefused && thrown.kind === 'forbidden') return event('access.user_mismatch', thrown);
  if (thrown instanceof RateLimited) return { ...event('rate.limited', thrown), limit: POLICIES[thrown.limit] };
  return undefined;
}
