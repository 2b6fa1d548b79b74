import { buildApp } from './app.ts';

const { PORT = '3000', HOST = '127.0.0.1', DATABASE_URL = '', BETTER_AUTH_SECRET = '', LOG_FILE } = process.env;

const app = await buildApp({
  databaseUrl: DATABASE_URL,
  secret: BETTER_AUTH_SECRET,
  logger: { level: 'info', ...(LOG_FILE && { file: LOG_FILE }) },
});

process.once('SIGTERM', () => app.close());

await app.listen({ port: Number(PORT), host: HOST });
console.log(`ready on http://${HOST}:${PORT}`);
