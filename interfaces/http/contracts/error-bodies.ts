import * as v from 'valibot';
import { TaskNotFound } from '../../../domain/domain-errors.ts';
import { ERROR_CODES, type ErrorCode, type Failure } from '../errors/error-table.ts';
import { responseBody } from './http-response.ts';

/** The stable code of an error. */
export const errorCode = v.pipe(v.picklist(ERROR_CODES), v.description('What went wrong, for programs'));

/** The sentence about an error. */
export const detail = v.pipe(v.string(), v.description('What went wrong and what to do, for people'));

/** An error as its code and its sentence. */
export const codeAndDetail = responseBody(v.object({ error: errorCode, detail }), ({ code, detail }: Failure) => ({
  error: code,
  detail,
}));

const NOT_FOUND = 'TASK_NOT_FOUND';
const inCapitals = (code: ErrorCode) => (code === 'internal_error' ? 'INTERNAL_SERVER_ERROR' : code.toUpperCase());

const limit = v.optional(v.pipe(v.number(), v.integer()));

const capitalCode = v.object({
  code: v.picklist([...ERROR_CODES.map(inCapitals), NOT_FOUND]),
  message: detail,
  details: v.object({ field: v.optional(v.string()), max_length: limit, minimum: limit, maximum: limit }),
});

/** An error as its code in capitals, its sentence, and the invalid field with its limits. */
export const codeInCapitals = responseBody(capitalCode, ({ error, code, detail, field, limits }: Failure) => ({
  code: error instanceof TaskNotFound ? NOT_FOUND : inCapitals(code),
  message: detail,
  details: { field, max_length: limits?.maxLength, minimum: limits?.minimum, maximum: limits?.maximum },
}));
