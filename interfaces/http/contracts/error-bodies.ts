import * as v from 'valibot';
import { ERROR_CODES, type Failure } from '../errors/error-table.ts';
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
