import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { EmbeddedPostgres } from '../../infrastructure/embedded-postgres/embedded-postgres.ts';
import { PostgresMigrations } from '../../infrastructure/postgres/migrations/postgres-migrations.ts';
import { prepareServingRole } from '../../infrastructure/postgres/migrations/serving-role.ts';
import { PgBouncer } from './pgbouncer.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection string of a superuser of the test server. */
    postgresUrl: string;
    /** Connection string of the pooler in front of it; '' if the tests use none. */
    poolerUrl: string;
  }
}

interface TestServer {
  readonly url: string;
  readonly from: string;
  stop(): Promise<void>;
}

/** The template of test databases: migrated and empty. */
export const TEMPLATE = 'taskwell_template';
const SERVING_ROLE = 'taskwell_tests';

/**
 * Provides one PostgreSQL server for the whole run: TEST_DATABASE_URL if it is set, else a container if a container
 * engine answers, else the embedded PostgreSQL. With TEST_POOLER=pgbouncer, what serves requests connects to it through
 * PgBouncer in transaction mode.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = (await useConfigured()) ?? (await startContainer()) ?? (await startEmbedded());
  const admin = new pg.Client(server.url);
  await admin.connect();
  const { rows } = await admin.query('show server_version');
  process.stdout.write(`PostgreSQL ${rows[0].server_version} for the tests: ${server.from}\n`);
  await admin.query(`drop database if exists ${TEMPLATE}`);
  await admin.query(`create database ${TEMPLATE}`);
  await admin.end();
  const templateUrl = withDatabase(server.url, TEMPLATE);
  await new PostgresMigrations(templateUrl).up();
  await prepareServingRole(templateUrl, withServingRole(templateUrl));
  const servingUrl = withServingRole(server.url);
  project.provide('postgresUrl', server.url);
  const pooler = process.env.TEST_POOLER === 'pgbouncer' ? await PgBouncer.before(servingUrl) : undefined;
  project.provide('poolerUrl', pooler?.through(servingUrl) ?? '');
  return async () => {
    await pooler?.stop();
    await server.stop();
  };
}

export function withDatabase(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: `/${database}` }).href;
}

/** The same connection string for a role that row-level security binds. It has its rights in the template. */
export function withServingRole(url: string): string {
  return Object.assign(new URL(url), { username: SERVING_ROLE, password: 'a-password-for-tests' }).href;
}

async function useConfigured(): Promise<TestServer | undefined> {
  const url = process.env.TEST_DATABASE_URL;
  return url ? { url, from: 'TEST_DATABASE_URL', stop: async () => {} } : undefined;
}

async function startContainer(): Promise<TestServer | undefined> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
  } catch {
    return undefined;
  }
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const container = await new PostgreSqlContainer('postgres:17-alpine')
    .withPassword(randomUUID())
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=300'])
    .start();
  return {
    url: container.getConnectionUri(),
    from: 'testcontainers',
    stop: async () => void (await container.stop()),
  };
}

async function startEmbedded(): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'taskwell-tests-'));
  const server = await EmbeddedPostgres.start({ directory, durability: 'throwaway' });
  return {
    url: server.url,
    from: 'embedded (no container engine answers)',
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true });
    },
  };
}
