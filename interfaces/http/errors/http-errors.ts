import { RateLimited, Unauthenticated, Unavailable } from '../../../application/errors.ts';
import { InvalidValue, TaskNotFound } from '../../../domain/errors.ts';
import { rateLimitHeaders } from '../pipeline/rate-limit-headers.ts';

/** A request that HTTP itself, and not the domain, refuses. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';

  constructor(
    readonly kind:
      | 'invalid_json'
      | 'forbidden'
      | 'route_not_found'
      | 'method_not_allowed'
      | 'unsupported_media_type'
      | 'payload_too_large',
    message: string,
  ) {
    super(message);
  }
}

/** One thing that is wrong with what was sent. */
export interface Fault {
  /** The field or parameter by its name on the wire; `undefined` when it is about all of them. */
  readonly field: string | undefined;
  /** One sentence that names the field and what to do. */
  readonly message: string;
}

/** A body, a query or a path whose values are not what they have to be: all that is wrong, at once. */
export class RequestInvalid extends Error {
  override readonly name = 'RequestInvalid';

  constructor(readonly faults: readonly Fault[]) {
    super(faults.map(({ message }) => message).join('; '));
  }
}

/** The closed list of refusals: whatever else is thrown is a bug. */
const REFUSALS = [
  InvalidValue,
  TaskNotFound,
  Unauthenticated,
  Unavailable,
  RequestRefused,
  RequestInvalid,
  RateLimited,
] as const;

type Refusal = InstanceType<(typeof REFUSALS)[number]>;

export type ErrorKind =
  | RequestRefused['kind']
  | 'validation_error'
  | 'unauthorized'
  | 'task_not_found'
  | 'rate_limited'
  | 'service_unavailable'
  | 'internal_error';

function kindOf(refusal: Refusal): ErrorKind {
  if (refusal instanceof RequestRefused) return refusal.kind;
  if (refusal instanceof TaskNotFound) return 'task_not_found';
  if (refusal instanceof Unauthenticated) return 'unauthorized';
  if (refusal instanceof Unavailable) return 'service_unavailable';
  return refusal instanceof RateLimited ? 'rate_limited' : 'validation_error';
}

/** The stable names of errors, for programs. */
export const CATEGORIES = [
  'validation_error',
  'invalid_json',
  'unauthorized',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'payload_too_large',
  'unsupported_media_type',
  'rate_limited',
  'internal_error',
  'service_unavailable',
] as const;

/** Every error's status and category. A kind that is missing here does not compile. */
export const ERRORS: Record<ErrorKind, { readonly status: number; readonly category: (typeof CATEGORIES)[number] }> = {
  validation_error: { status: 400, category: 'validation_error' },
  invalid_json: { status: 400, category: 'invalid_json' },
  unauthorized: { status: 401, category: 'unauthorized' },
  forbidden: { status: 403, category: 'forbidden' },
  task_not_found: { status: 404, category: 'not_found' },
  route_not_found: { status: 404, category: 'not_found' },
  method_not_allowed: { status: 405, category: 'method_not_allowed' },
  payload_too_large: { status: 413, category: 'payload_too_large' },
  unsupported_media_type: { status: 415, category: 'unsupported_media_type' },
  rate_limited: { status: 429, category: 'rate_limited' },
  internal_error: { status: 500, category: 'internal_error' },
  service_unavailable: { status: 503, category: 'service_unavailable' },
};

/** An error as an answer tells it. */
export interface Failure {
  readonly kind: ErrorKind;
  /** As the contract that tells it has it. */
  readonly status: number;
  /** One sentence for people. */
  readonly detail: string;
  /** The first field at fault, by its name on the wire. */
  readonly field?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** What to tell of something that was thrown: a refusal explains itself, of anything else nothing is said. */
export function failureOf(thrown: unknown): Omit<Failure, 'status'> {
  if (!isRefusal(thrown)) {
    return { kind: 'internal_error', detail: 'Something went wrong on our side. Please try again later.', headers: {} };
  }
  return {
    kind: kindOf(thrown),
    detail: thrown.message,
    field: thrown instanceof RequestInvalid ? thrown.faults[0]?.field : undefined,
    headers: headersOf(thrown),
  };
}

function isRefusal(thrown: unknown): thrown is Refusal {
  return REFUSALS.some((refusal) => thrown instanceof refusal);
}

function headersOf(refusal: Refusal): Record<string, string> {
  if (refusal instanceof Unavailable) return { 'Retry-After': String(refusal.retryAfter) };
  if (refusal instanceof RateLimited) {
    const { limit, rate, quota } = refusal;
    return { 'Retry-After': String(quota.resetAfter), ...rateLimitHeaders(limit, rate, quota) };
  }
  if (!(refusal instanceof Unauthenticated)) return {};
  // RFC 6750, section 3: no error code for a request without a token.
  if (!refusal.tokenGiven) return { 'WWW-Authenticate': 'Bearer' };
  return { 'WWW-Authenticate': `Bearer error="invalid_token", error_description="${refusal.message}"` };
}
