import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from './databases.ts';
import { BENCH, ROOT } from './paths.ts';
import { type Population, seedFor } from './population.ts';
import { ServerProcess } from './server-process.ts';
import { type Algorithm, BETTER_AUTH_URL, type TokenSigner } from './tokens.ts';

/** Something that can be measured. */
export interface Contestant {
  readonly name: string;
  readonly title: string;
  /** How its users' tokens are signed; `undefined`: it takes none, and no requests. */
  readonly algorithm: Algorithm | undefined;
  /** On the wire, the id of task n (from 1) of user u (from 0). */
  taskId(u: number, n: number, population: Population): number;
  /** Fills its empty database. */
  seed(database: Database, population: Population): Promise<void>;
  /** Starts its server. */
  start(settings: ServerSettings): Promise<ServerProcess>;
}

export interface ServerSettings {
  readonly database: Database;
  readonly signer: TokenSigner;
  /** The file for its log. */
  readonly log: string;
}

/** The one that all others are compared with. */
export const TASKWELL = 'taskwell';
export const PGBENCH = 'pgbench';

export const CONTESTANTS: readonly Contestant[] = [
  taskwell(TASKWELL, 'Taskwell', 'HS256'),
  taskwell('taskwell-eddsa', 'Taskwell, EdDSA tokens', 'EdDSA'),
  peer('node-http', 'node:http + pipelined pg'),
  peer('fastify', 'Fastify + pg'),
  peer('nestjs-typeorm', 'NestJS + TypeORM'),
  peer('express-drizzle', 'Express + Drizzle'),
  { ...taskwell(PGBENCH, 'PostgreSQL itself, by pgbench', 'HS256'), algorithm: undefined },
];

/** As in production, with a limit of requests that is not reached. */
function taskwell(name: string, title: string, algorithm: Algorithm): Contestant {
  const main = join(ROOT, 'dist/cli/main.js');
  return {
    name,
    title,
    algorithm,
    taskId: (_, n) => n,
    seed: async (database, population) => {
      const { PostgresMigrations } = await migrations();
      await new PostgresMigrations(database.url).up();
      await database.query(seedFor(readFileSync(join(BENCH, 'taskwell/seed.sql'), 'utf8'), population));
      await database.query('vacuum analyze');
    },
    start: ({ database, signer, log }) => {
      const tokens =
        algorithm === 'HS256' ? { BETTER_AUTH_SECRET: signer.secret } : { BETTER_AUTH_URL, JWKS: signer.keySet };
      const env = {
        ENVIRONMENT: 'production',
        DATABASE_URL: withRole(database.url, 'taskwell_bench'),
        MIGRATION_DATABASE_URL: database.url,
        ROW_SECURITY: 'required',
        RATE_LIMIT: '1000000',
        ...tokens,
      };
      return ServerProcess.start([main, 'serve'], env, log);
    },
  };
}

/** The same connection string for another role, which row-level security binds. */
function withRole(url: string, role: string): string {
  return Object.assign(new URL(url), { username: role, password: role }).href;
}

function peer(name: string, title: string): Contestant {
  return {
    name,
    title,
    algorithm: 'HS256',
    taskId: (u, n, { perUser }) => u * perUser + n,
    seed: async (database, population) => {
      await database.query(readFileSync(join(BENCH, 'peers/schema.sql'), 'utf8'));
      await database.query(seedFor(readFileSync(join(BENCH, 'peers/seed.sql'), 'utf8'), population));
      await database.query('vacuum analyze');
    },
    start: ({ database, signer, log }) => {
      const env = { DATABASE_URL: database.url, BETTER_AUTH_SECRET: signer.secret };
      return ServerProcess.start([join(BENCH, `dist/peers/${name}/main.js`)], env, log);
    },
  };
}

type MigrationsFile = typeof import('../dist/infrastructure/postgres/migrations/postgres-migrations.js');

async function migrations(): Promise<MigrationsFile> {
  return (await import(join(ROOT, 'dist/infrastructure/postgres/migrations/postgres-migrations.js'))) as MigrationsFile;
}
