import { createWriteStream } from 'node:fs';
import { drizzle } from 'drizzle-orm/node-postgres';
import express from 'express';
import morgan from 'morgan';
import pg from 'pg';
import { authenticate, ownPath } from './auth.ts';
import { errorHandler, notFound } from './errors.ts';
import { taskRoutes } from './task-routes.ts';

const { PORT = '3000', HOST = '127.0.0.1', DATABASE_URL, BETTER_AUTH_SECRET = '', LOG_FILE } = process.env;

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
pool.on('error', (error) => console.error(error));
const db = drizzle(pool);

const app = express();
app.use(morgan('combined', { stream: LOG_FILE ? createWriteStream(LOG_FILE, { flags: 'a' }) : process.stdout }));
app.use(express.json());
app.use('/api/:user_id/tasks', authenticate(BETTER_AUTH_SECRET), ownPath, taskRoutes(db));
app.use(notFound);
app.use(errorHandler);

const server = app.listen(Number(PORT), HOST, () => console.log(`ready on http://${HOST}:${PORT}`));

process.once('SIGTERM', () => {
  server.close(() => pool.end());
  server.closeIdleConnections();
});
