import pg from 'pg';
import { onDirectConnection } from '../connection/direct-connection.ts';
import { type LockRetryPolicy, withLockRetry } from './lock-retry.ts';
import { UserLinkRefused } from './user-link-refused.ts';
import {
  ADD_LINK,
  ADD_MISSING_COUNTERS,
  deleteOrphans,
  dropLink,
  FIND_LINKS,
  findOrphans,
  LINKS,
  type LockMode,
  lockOurs,
  VALIDATE_LINKS,
} from './user-link-statements.ts';
import { findUserTable } from './user-table.ts';

/** Data of users who are not in the table of users. */
export interface Orphans {
  readonly users: number;
  readonly tasks: number;
  /** At most ten, those with the most tasks. */
  readonly first: readonly { readonly user: string; readonly tasks: number }[];
}

/** The state of the link between our tables and a table of users. */
export interface Survey {
  /** The table of users, with its schema. */
  readonly users: string;
  readonly linked: boolean;
  readonly orphans: Orphans;
}

/** The state before linking, and what linking deleted. */
export interface Linked extends Survey {
  readonly deleted: { readonly tasks: number; readonly counters: number };
}

const LOCK_RETRY: LockRetryPolicy = { lock: 300, lastLock: 1_200, total: 60_000 };

type Part = keyof typeof LINKS;

/**
 * The foreign keys that delete a user's data together with the user: counters refer to users, and tasks refer to
 * counters. If both referred to users, a create (which locks the counter first) and the deletion of its user (which
 * locks the user first) would deadlock.
 */
export class PostgresUserLink {
  constructor(
    private readonly url: string,
    private readonly lockRetry: LockRetryPolicy = LOCK_RETRY,
  ) {}

  /** Changes nothing. @throws UserLinkRefused if the table, or an existing foreign key, prevents linking */
  survey(name: string): Promise<Survey> {
    return onDirectConnection(this.url, (client) => explainRefusal(() => surveyLink(client, name)));
  }

  /**
   * Adds the foreign keys, or completes an interrupted run. Once they exist no new orphans can appear, so the search for
   * orphans is repeated then. If anything fails after that, the keys that were added are dropped again.
   *
   * @throws UserLinkRefused also if there are orphans and `deleteOrphans` is not set
   */
  link(name: string, options: { readonly deleteOrphans: boolean }): Promise<Linked> {
    return onDirectConnection(this.url, (client) =>
      explainRefusal(async () => {
        const found = await surveyLink(client, name);
        if (found.linked) return { ...found, deleted: { tasks: 0, counters: 0 } };
        if (!options.deleteOrphans) refuseOrphans(found);
        const added = await this.withLocks(client, 'share row exclusive', () => addLinks(client, found.users));
        try {
          if (!options.deleteOrphans) refuseOrphans(await surveyLink(client, name));
          const deleted = await this.transaction(client, () => removeOrphans(client, found.users));
          for (const validate of VALIDATE_LINKS) await this.transaction(client, () => client.query(validate));
          return { ...found, deleted };
        } catch (error) {
          // If that fails, too, the next run completes the link, and unlink removes it.
          await this.withLocks(client, 'access exclusive', () => dropLinks(client, added)).catch(() => {});
          throw error;
        }
      }),
    );
  }

  /** Drops the foreign keys that `link` added, also those of an interrupted run. Returns whether there were any. */
  unlink(): Promise<boolean> {
    return onDirectConnection(this.url, (client) =>
      explainRefusal(async () => {
        const parts = (await findLinks(client)).flatMap(({ part }) => part ?? []);
        if (parts.length > 0) await this.withLocks(client, 'access exclusive', () => dropLinks(client, parts));
        return parts.length > 0;
      }),
    );
  }

  /** Runs `work` with both of our tables locked. */
  private withLocks<Result>(client: pg.Client, mode: LockMode, work: () => Promise<Result>): Promise<Result> {
    return this.transaction(client, async (attempt) => {
      await client.query(lockOurs(mode, attempt));
      return work();
    });
  }

  private transaction<Result>(client: pg.Client, work: (attempt: number) => Promise<Result>): Promise<Result> {
    const onExhausted = () =>
      new UserLinkRefused(
        `Another transaction has held locks on the tables for ${this.lockRetry.total / 1000} s: try again when it has ended`,
      );
    return withLockRetry(client, this.lockRetry, onExhausted, work);
  }
}

async function surveyLink(client: pg.Client, name: string): Promise<Survey> {
  const users = await findUserTable(client, name);
  const found = await findLinks(client);
  for (const { part, table, constraint, users: other } of found) {
    if (part === undefined) {
      throw new UserLinkRefused(
        `${table} has a foreign key that Taskwell did not create, ${constraint}, to ${other}: drop it first (alter table ${table} drop constraint ${pg.escapeIdentifier(constraint)})`,
      );
    }
    if (part === 'counters' && other !== users) {
      throw new UserLinkRefused(`Tasks are already linked to ${other}: run taskwell unlink-users first`);
    }
  }
  const linked = found.length === Object.keys(LINKS).length && found.every(({ valid }) => valid);
  return { users, linked, orphans: linked ? { users: 0, tasks: 0, first: [] } : await countOrphans(client, users) };
}

async function findLinks(client: pg.Client): Promise<readonly (LinkRow & { part: Part | undefined })[]> {
  const { rows } = await client.query<LinkRow>(FIND_LINKS);
  return rows.map((row) => ({ ...row, part: partOf(row) }));
}

function partOf({ constraint }: LinkRow): Part | undefined {
  if (constraint === LINKS.counters.constraint) return 'counters';
  return constraint === LINKS.tasks.constraint ? 'tasks' : undefined;
}

async function countOrphans(client: pg.Client, users: string): Promise<Orphans> {
  const { rows } = await client.query<OrphanRow>(findOrphans(users));
  return {
    users: Number(rows[0]?.all_users ?? 0),
    tasks: Number(rows[0]?.all_tasks ?? 0),
    first: rows.map(({ user_id: user, tasks }) => ({ user, tasks: Number(tasks) })),
  };
}

function refuseOrphans(survey: Survey): void {
  if (survey.orphans.users === 0) return;
  throw new UserLinkRefused(
    `${describeOrphans(survey)}\nNothing was changed. Restore these users in ${survey.users}, or delete their data with --delete-orphans`,
  );
}

/** The orphans, for people: how many there are, and whose. */
export function describeOrphans({ users, orphans: { users: count, tasks, first } }: Survey): string {
  const more = count > first.length ? [`  and ${count - first.length} more`] : [];
  return [
    `Users with tasks or a counter who are not in ${users}: ${count} users, ${tasks} tasks`,
    ...first.map((orphan) => `  ${orphan.user}  ${orphan.tasks}`),
    ...more,
  ].join('\n');
}

/** Returns the keys that it added. */
async function addLinks(client: pg.Client, users: string): Promise<readonly Part[]> {
  const existing = (await findLinks(client)).map(({ part }) => part);
  if (!existing.includes('tasks')) await client.query(ADD_LINK.tasks());
  if (!existing.includes('counters')) await client.query(ADD_LINK.counters(users));
  return (['tasks', 'counters'] as const).filter((part) => !existing.includes(part));
}

async function removeOrphans(client: pg.Client, users: string): Promise<Linked['deleted']> {
  const statements = deleteOrphans(users);
  const tasks = (await client.query(statements.tasks)).rowCount ?? 0;
  const counters = (await client.query(statements.counters)).rowCount ?? 0;
  await client.query(ADD_MISSING_COUNTERS);
  return { tasks, counters };
}

async function dropLinks(client: pg.Client, parts: readonly Part[]): Promise<void> {
  for (const part of parts) await client.query(dropLink(LINKS[part]));
}

/** Rethrows as `UserLinkRefused`: 42501 insufficient_privilege, 0A000 feature_not_supported (one of the tables is distributed), 42P16 (one is unlogged). */
async function explainRefusal<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !['42501', '0A000', '42P16'].includes(error.code ?? '')) throw error;
    throw new UserLinkRefused(`The database refuses to link the tables: ${error.message}`, { cause: error });
  }
}

interface LinkRow {
  readonly table: string;
  readonly constraint: string;
  readonly valid: boolean;
  /** The table that the key refers to, with its schema, quoted. */
  readonly users: string;
}

interface OrphanRow {
  readonly user_id: string;
  readonly tasks: string;
  readonly all_users: string;
  readonly all_tasks: string;
}
