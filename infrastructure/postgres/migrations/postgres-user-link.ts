import pg from 'pg';
import { onDirectConnection } from '../connection/direct-connection.ts';
import { type LockRetryPolicy, withLockRetry } from './lock-retry.ts';
import { SchemaChangeRefused } from './schema-change-refused.ts';
import {
  ADD_MISSING_COUNTERS,
  COUNTERS_LINK,
  DELETE_LEFTOVERS,
  deleteOrphans,
  FIND_LINKS,
  findOrphans,
  LINKS,
  type Link,
  lockOurs,
} from './user-link-statements.ts';
import { findUserTable } from './user-table.ts';

/** The state of the link between our tables and a table of users. */
export interface Survey {
  /** The table of users, with its schema. */
  readonly users: string;
  readonly linked: boolean;
  /** Data of users who are not in the table of users. */
  readonly orphans: {
    readonly users: number;
    readonly tasks: number;
    /** The users with the most tasks, at most ten. */
    readonly first: readonly { readonly user: string; readonly tasks: number }[];
  };
}

/** The state before linking, and what linking deleted. */
export interface Linked extends Survey {
  readonly deleted: { readonly tasks: number; readonly counters: number };
}

const LOCK_RETRY: LockRetryPolicy = { lock: 300, lastLock: 1_200, total: 60_000 };

/**
 * The foreign keys that delete a user's data together with the user: counters reference users, and tasks reference
 * counters. If both referenced users, a create (which locks the counter first) and the deletion of its user (which locks
 * the user first) would deadlock.
 */
export class PostgresUserLink {
  constructor(
    private readonly url: string,
    private readonly lockRetry: LockRetryPolicy = LOCK_RETRY,
  ) {}

  /** Changes nothing. @throws SchemaChangeRefused if the table, or an existing foreign key, prevents linking */
  survey(name: string): Promise<Survey> {
    return this.connect((client) => surveyLink(client, name));
  }

  /**
   * Adds the foreign keys, or completes an interrupted run. Once they exist, no new orphans can appear, so the search for
   * orphans is then repeated. If a later step fails, the added keys are dropped again.
   *
   * @throws SchemaChangeRefused also if there are orphans and `deleteOrphans` is not set
   */
  link(name: string, options: { readonly deleteOrphans: boolean }): Promise<Linked> {
    return this.connect(async (client) => {
      const found = await surveyLink(client, name);
      if (found.linked) return { ...found, deleted: { tasks: 0, counters: 0 } };
      if (!options.deleteOrphans) refuseOrphans(found);
      const added = await withLockRetry(client, this.lockRetry, async (attempt) => {
        await client.query(lockOurs('share row exclusive', attempt));
        return addLinks(client, found.users);
      });
      try {
        if (!options.deleteOrphans) refuseOrphans(await surveyLink(client, name));
        const deleted = await withLockRetry(client, this.lockRetry, () => removeOrphans(client, found.users));
        for (const { validate } of LINKS) await withLockRetry(client, this.lockRetry, () => client.query(validate));
        return { ...found, deleted };
      } catch (error) {
        // If this fails as well, the next run completes the link, or unlink removes it.
        await this.drop(client, added).catch(() => {});
        throw error;
      }
    });
  }

  /** Drops the foreign keys that `link` added, also those of an interrupted run. Returns whether there were any. */
  unlink(): Promise<boolean> {
    return this.connect(async (client) => {
      const links = (await findLinks(client)).flatMap(({ link }) => link ?? []);
      if (links.length > 0) await this.drop(client, links);
      return links.length > 0;
    });
  }

  private connect<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
    return onDirectConnection(this.url, work).catch(explainRefusal);
  }

  private drop(client: pg.Client, links: readonly Link[]): Promise<void> {
    return withLockRetry(client, this.lockRetry, async (attempt) => {
      await client.query(lockOurs('access exclusive', attempt));
      for (const { drop } of links) await client.query(drop);
    });
  }
}

async function surveyLink(client: pg.Client, name: string): Promise<Survey> {
  const users = await findUserTable(client, name);
  const found = await findLinks(client);
  for (const { link, table, constraint, users: other } of found) {
    if (link === undefined) {
      throw new SchemaChangeRefused(
        `${table} has a foreign key that Taskwell did not create, ${constraint}, to ${other}: drop it first (alter table ${table} drop constraint ${pg.escapeIdentifier(constraint)})`,
      );
    }
    if (link === COUNTERS_LINK && other !== users) {
      throw new SchemaChangeRefused(`Tasks are already linked to ${other}: run taskwell unlink-users first`);
    }
  }
  const linked = found.length === LINKS.length && found.every(({ valid }) => valid);
  return { users, linked, orphans: linked ? { users: 0, tasks: 0, first: [] } : await countOrphans(client, users) };
}

async function findLinks(client: pg.Client): Promise<readonly (LinkRow & { readonly link: Link | undefined })[]> {
  const { rows } = await client.query<LinkRow>(FIND_LINKS);
  return rows.map((row) => ({ ...row, link: LINKS.find(({ constraint }) => constraint === row.constraint) }));
}

async function countOrphans(client: pg.Client, users: string): Promise<Survey['orphans']> {
  const { rows } = await client.query<OrphanRow>(findOrphans(users));
  return {
    users: Number(rows[0]?.all_users ?? 0),
    tasks: Number(rows[0]?.all_tasks ?? 0),
    first: rows.map(({ user_id: user, tasks }) => ({ user, tasks: Number(tasks) })),
  };
}

function refuseOrphans(survey: Survey): void {
  if (survey.orphans.users === 0) return;
  throw new SchemaChangeRefused(
    `${describeOrphans(survey)}\nNothing was changed. Restore these users in ${survey.users}, or delete their data with --delete-orphans`,
  );
}

/** The number of orphans and the ids of their users, for operators. */
export function describeOrphans({ users, orphans: { users: count, tasks, first } }: Survey): string {
  const more = count > first.length ? [`  and ${count - first.length} more`] : [];
  return [
    `Users with tasks or a counter who are not in ${users}: ${count} users, ${tasks} tasks`,
    ...first.map((orphan) => `  ${orphan.user}  ${orphan.tasks}`),
    ...more,
  ].join('\n');
}

/** Returns the keys that it added. */
async function addLinks(client: pg.Client, users: string): Promise<readonly Link[]> {
  const existing = (await findLinks(client)).map(({ link }) => link);
  const missing = LINKS.filter((link) => !existing.includes(link));
  for (const { add } of missing) await client.query(add(users));
  return missing;
}

async function removeOrphans(client: pg.Client, users: string): Promise<Linked['deleted']> {
  const statements = deleteOrphans(users);
  const tasks = (await client.query(statements.tasks)).rowCount ?? 0;
  const counters = (await client.query(statements.counters)).rowCount ?? 0;
  await client.query(ADD_MISSING_COUNTERS);
  for (const leftovers of DELETE_LEFTOVERS) await client.query(leftovers);
  return { tasks, counters };
}

/** 42501 insufficient_privilege; 0A000 feature_not_supported: a table is distributed; 42P16: a table is unlogged. */
function explainRefusal(error: unknown): never {
  if (!(error instanceof pg.DatabaseError) || !['42501', '0A000', '42P16'].includes(error.code ?? '')) throw error;
  throw new SchemaChangeRefused(`The database refuses to link the tables: ${error.message}`, { cause: error });
}

interface LinkRow {
  readonly table: string;
  readonly constraint: string;
  readonly valid: boolean;
  /** The table that the key references, with its schema, quoted. */
  readonly users: string;
}

interface OrphanRow {
  readonly user_id: string;
  readonly tasks: string;
  readonly all_users: string;
  readonly all_tasks: string;
}
