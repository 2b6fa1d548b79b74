import fastifyJwt from '@fastify/jwt';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { HttpError } from './errors.ts';

declare module 'fastify' {
  interface FastifyInstance {
    authenticate(request: FastifyRequest, reply: FastifyReply): Promise<void>;
    ownPath(request: FastifyRequest): Promise<void>;
  }
}

declare module '@fastify/jwt' {
  interface FastifyJWT {
    user: { sub?: string };
  }
}

export const auth = fp(
  async (app, { secret }: { secret: string }) => {
    await app.register(fastifyJwt, { secret, verify: { algorithms: ['HS256'] } });

    app.decorate('authenticate', async (request: FastifyRequest, reply: FastifyReply) => {
      try {
        await request.jwtVerify();
      } catch {
        reply.header('WWW-Authenticate', 'Bearer');
        throw new HttpError(401, 'Sign in first');
      }
      if (!request.user.sub) {
        reply.header('WWW-Authenticate', 'Bearer');
        throw new HttpError(401, 'Sign in again');
      }
    });

    app.decorate('ownPath', async (request: FastifyRequest) => {
      if ((request.params as { user_id: string }).user_id !== request.user.sub) {
        throw new HttpError(403, 'These are not your tasks');
      }
    });
  },
  { name: 'auth' },
);
