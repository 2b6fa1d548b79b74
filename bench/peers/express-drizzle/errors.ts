import type { ErrorRequestHandler, RequestHandler } from 'express';
import { ZodError } from 'zod';

export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const NAMES: Record<number, string> = {
  400: 'validation_error',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  413: 'payload_too_large',
};

export const notFound: RequestHandler = () => {
  throw new HttpError(404, 'Not found');
};

export const errorHandler: ErrorRequestHandler = (error, _req, res, _next) => {
  if (error instanceof ZodError) {
    res.status(400).json({ error: 'validation_error', detail: error.issues.map((issue) => issue.message).join('; ') });
    return;
  }
  const status: number = error.status ?? 500;
  if (status >= 500) {
    console.error(error);
    res.status(500).json({ error: 'internal_error', detail: 'Internal server error' });
    return;
  }
  if (status === 401) res.set('WWW-Authenticate', 'Bearer');
  res.status(status).json({ error: NAMES[status] ?? 'bad_request', detail: error.message });
};
