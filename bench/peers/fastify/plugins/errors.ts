import type { FastifyError } from 'fastify';
import fp from 'fastify-plugin';

export class HttpError extends Error {
  constructor(
    readonly statusCode: number,
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
  415: 'unsupported_media_type',
};

export const errors = fp(
  async (app) => {
    app.setErrorHandler((error: FastifyError, request, reply) => {
      const status = error.statusCode ?? 500;
      if (status >= 500) {
        request.log.error(error);
        return reply.status(500).send({ error: 'internal_error', detail: 'Internal server error' });
      }
      return reply.status(status).send({ error: NAMES[status] ?? 'bad_request', detail: error.message });
    });
    app.setNotFoundHandler((_request, reply) => reply.status(404).send({ error: 'not_found', detail: 'Not found' }));
  },
  { name: 'errors' },
);
