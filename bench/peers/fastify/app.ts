import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { auth } from './plugins/auth.ts';
import { database } from './plugins/database.ts';
import { errors } from './plugins/errors.ts';
import { json } from './plugins/json.ts';
import { tasks } from './routes/tasks.ts';

export interface AppOptions {
  readonly databaseUrl: string;
  readonly secret: string;
  readonly logger: FastifyServerOptions['logger'];
}

export async function buildApp({ databaseUrl, secret, logger }: AppOptions): Promise<FastifyInstance> {
  const app = fastify({ logger: logger ?? true });
  await app.register(errors);
  await app.register(json);
  await app.register(database, { url: databaseUrl });
  await app.register(auth, { secret });
  await app.register(tasks, { prefix: '/api/:user_id/tasks' });
  return app;
}
