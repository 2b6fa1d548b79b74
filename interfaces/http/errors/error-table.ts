import * as application from '../../../application/application-errors.ts';
import * as domain from '../../../domain/domain-errors.ts';
import { rateLimitHeaders } from '../pipeline/rate-limit-headers.ts';
import * as http from './http-errors.ts';
import type { SecurityEvent } from './security-event.ts';

/** The public codes of errors. Programs depend on them, so they never change. */
export const ERROR_CODES = [
  'validation_error',
  'invalid_json',
  'invalid_header',
  'unauthorized',
  'forbidden',
  'not_found',
  'conflict',
  'gone',
  'precondition_failed',
  'idempotency_key_reused',
  'method_not_allowed',
  'payload_too_large',
  'unsupported_media_type',
  'rate_limited',
  'internal_error',
  'service_unavailable',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

type Facts = typeof domain & typeof application & typeof http;

/** The names of all error classes of the domain, the application and the HTTP interface. */
export type Fact = {
  [Name in keyof Facts]: Facts[Name] extends new (...args: never) => Error ? Name : never;
}[keyof Facts];

/** An error with everything that its response and the log need. */
export interface Failure {
  /** What was thrown. */
  readonly error: unknown;
  readonly code: ErrorCode;
  readonly status: number;
  /** One sentence for people. */
  readonly detail: string;
  /** The first invalid field, by its name on the wire. */
  readonly field: string | undefined;
  /** The limits of that field. */
  readonly limits: http.FieldLimits | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The security event to log; `undefined` for other errors. */
  readonly event: SecurityEvent['event'] | undefined;
}

/** Describes an error of one class; `undefined` for any other. */
type Rule = (thrown: unknown) => Failure | undefined;

/** Every error, with its status and code. An error class without a row does not compile; a subclass precedes its superclass. */
export const ERRORS: { readonly [Name in Fact]: Rule } = {
  InvalidValue: rule(domain.InvalidValue, 400, 'validation_error', { fault: (error) => error }),
  TaskNotFound: rule(domain.TaskNotFound, 404, 'not_found'),
  CheckpointExpired: rule(domain.CheckpointExpired, 410, 'gone'),
  TaskChanged: rule(domain.TaskChanged, 412, 'precondition_failed'),
  IdempotencyKeyReused: rule(domain.IdempotencyKeyReused, 422, 'idempotency_key_reused'),
  Unauthenticated: rule(application.Unauthenticated, 401, 'unauthorized', {
    headers: challenge,
    event: 'auth.failed',
  }),
  CredentialsInvalid: rule(application.CredentialsInvalid, 401, 'unauthorized', {
    headers: () => ({ 'WWW-Authenticate': 'Bearer' }),
    event: 'sign_in.failed',
  }),
  EmailTaken: rule(application.EmailTaken, 409, 'conflict', { event: 'sign_up.refused' }),
  RateLimited: rule(application.RateLimited, 429, 'rate_limited', {
    headers: ({ limit, rate, quota }) => ({
      'Retry-After': String(quota.resetAfter),
      ...rateLimitHeaders(limit, rate, quota),
    }),
    event: 'rate.limited',
  }),
  KeySetUnavailable: rule(application.KeySetUnavailable, 503, 'service_unavailable', {
    headers: retryAfter,
    event: 'auth.key_set_unavailable',
  }),
  Misconfigured: rule(application.Misconfigured, 503, 'service_unavailable', { headers: retryAfter }),
  TooManyStreams: rule(http.TooManyStreams, 503, 'service_unavailable', { headers: retryAfter }),
  Overloaded: rule(http.Overloaded, 503, 'service_unavailable', { headers: retryAfter }),
  Unavailable: rule(application.Unavailable, 503, 'service_unavailable', { headers: retryAfter }),
  RequestInvalid: rule(http.RequestInvalid, 400, 'validation_error', { fault: ({ faults: [first] }) => first }),
  InvalidJson: rule(http.InvalidJson, 400, 'invalid_json'),
  InvalidHeader: rule(http.InvalidHeader, 400, 'invalid_header', { fault: ({ faults: [first] }) => first }),
  UserMismatch: rule(http.UserMismatch, 403, 'forbidden', { event: 'access.user_mismatch' }),
  RouteNotFound: rule(http.RouteNotFound, 404, 'not_found'),
  MethodNotAllowed: rule(http.MethodNotAllowed, 405, 'method_not_allowed'),
  PayloadTooLarge: rule(http.PayloadTooLarge, 413, 'payload_too_large'),
  UnsupportedMediaType: rule(http.UnsupportedMediaType, 415, 'unsupported_media_type'),
};

/** Describes anything that was thrown. An error without a row is a bug, and the response reveals nothing about it. */
export function describeFailure(thrown: unknown): Failure {
  for (const rule of RULES) {
    const failure = rule(thrown);
    if (failure) return failure;
  }
  return {
    error: thrown,
    code: 'internal_error',
    status: 500,
    detail: 'Unexpected server error. Please try again later.',
    field: undefined,
    limits: undefined,
    headers: {},
    event: undefined,
  };
}

const RULES = Object.values(ERRORS);

function rule<Thrown extends Error>(
  fact: new (...args: never) => Thrown,
  status: number,
  code: ErrorCode,
  more: {
    readonly fault?: (error: Thrown) => Pick<http.Fault, 'field' | 'limits'> | undefined;
    readonly headers?: (error: Thrown) => Readonly<Record<string, string>>;
    readonly event?: Failure['event'];
  } = {},
): Rule {
  return (thrown) =>
    thrown instanceof fact
      ? {
          error: thrown,
          code,
          status,
          detail: thrown.message,
          field: more.fault?.(thrown)?.field,
          limits: more.fault?.(thrown)?.limits,
          headers: more.headers?.(thrown) ?? {},
          event: more.event,
        }
      : undefined;
}

/** RFC 6750, section 3: a request without a token gets a challenge without an error code. */
function challenge({ tokenGiven, message }: application.Unauthenticated): Record<string, string> {
  const error = tokenGiven ? ` error="invalid_token", error_description="${message}"` : '';
  return { 'WWW-Authenticate': `Bearer${error}` };
}

function retryAfter({ retryAfter }: application.Unavailable): Record<string, string> {
  return { 'Retry-After': String(retryAfter) };
}
