import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Cleanup } from './cleanup.ts';
import { BENCH, ROOT } from './paths.ts';

type EmbeddedPostgresFile = typeof import('../dist/infrastructure/embedded-postgres/embedded-postgres.js');

/** A contestant's own database, full of tasks. */
export interface Database {
  readonly url: string;
  /** Runs SQL in it, as its owner. */
  query(text: string): Promise<readonly Record<string, unknown>[]>;
}

/** A quarter of the memory, as its manual advises, and no checkpoint of PostgreSQL's own within a measurement. */
const SETTINGS = {
  shared_buffers: `${Math.floor(totalmem() / 4 / 2 ** 20)}MB`,
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
  max_connections: '300',
};

/** One PostgreSQL for all: every commit is on disk before it is acknowledged, as in production. */
export class Databases {
  private readonly run = randomBytes(3).toString('hex');

  private constructor(
    private readonly url: string,
    private readonly cleanup: Cleanup,
    /** As '18.4', and whose it is. */
    readonly about: string,
  ) {}

  /** @param url of a superuser, on a server of the user's own; without it, an embedded PostgreSQL is started */
  static async open(url: string | undefined, cleanup: Cleanup): Promise<Databases> {
    if (url !== undefined) return new Databases(url, cleanup, `${await version(url)}, BENCH_DATABASE_URL`);
    const path = join(ROOT, 'dist/infrastructure/embedded-postgres/embedded-postgres.js');
    const { EmbeddedPostgres } = (await import(path)) as EmbeddedPostgresFile;
    // within the project and not in the system's temporary folder, which may be in memory: a commit has to reach a disk
    mkdirSync(join(BENCH, 'data'), { recursive: true });
    const directory = mkdtempSync(join(BENCH, 'data', 'run-'));
    cleanup.add(() => rmSync(directory, { recursive: true, force: true }));
    const embedded = await EmbeddedPostgres.start({ directory, durability: 'kept', settings: SETTINGS });
    cleanup.add(() => embedded.stop());
    return new Databases(embedded.url, cleanup, `${embedded.version}, embedded`);
  }

  /** An empty database; it is dropped at the end. */
  async create(contestant: string): Promise<Database> {
    const name = `bench_${contestant.replaceAll('-', '_')}_${this.run}`;
    await query(this.url, `create database ${name} template template0`);
    this.cleanup.add(() => query(this.url, `drop database if exists ${name} with (force)`));
    const url = new URL(this.url);
    url.pathname = `/${name}`;
    return { url: url.href, query: (text) => query(url.href, text) };
  }
}

/** Reads all of it into PostgreSQL's memory, where PostgreSQL has the extension for that. */
export async function warm(database: Database): Promise<void> {
  const there = await database.query(`select from pg_available_extensions where name = 'pg_prewarm'`);
  if (there.length === 0) return;
  await database.query('create extension if not exists pg_prewarm');
  await database.query(
    `select pg_prewarm(oid) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'i')`,
  );
}

/** Removes what the last writes left behind, so that the next measurement does not pay for it. */
export async function tidyUp(database: Database): Promise<void> {
  await database.query('vacuum analyze tasks');
  await database.query('checkpoint');
}

async function version(url: string): Promise<string> {
  const [row] = await query(url, 'show server_version');
  return String(row?.server_version).split(' ')[0] ?? '';
}

async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows ?? [];
  } finally {
    await client.end();
  }
}
