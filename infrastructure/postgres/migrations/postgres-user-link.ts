import pg from 'pg';
import { onDirectConnection } from '../connection/direct-connection.ts';
import { briefTransaction, type LockRetryPolicy } from './lock-retry.ts';
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
import { userTable } from './user-table.ts';

/** What belongs to users who are not in the table of users. */
export interface Orphans {
  readonly users: number;
  readonly tasks: number;
  /** At most ten of them, those with most tasks. */
  readonly first: readonly { readonly user: string; readonly tasks: number }[];
}

/** How things stand between our tables and one of users. */
export interface Survey {
  /** The name of the table of users with its schema. */
  readonly users: string;
  readonly linked: boolean;
  readonly orphans: Orphans;
}

/** How things stood, and what was deleted. */
export interface Linked extends Survey {
  readonly deleted: { readonly tasks: number; readonly counters: number };
}

const PATIENCE: LockRetryPolicy = { lock: 300, lastLock: 1_200, total: 60_000 };

type Part = keyof typeof LINKS;

/**
 * The foreign keys by which what belongs to a user goes with the user: a user's counter refers to the user, tasks refer
 * to their counter. Two keys that both led to the user would have a create, which holds the counter, and the deletion
 * of its user, which holds the user, wait for each other.
 */
export class PostgresUserLink {
  constructor(
    private readonly url: string,
    private readonly patience: LockRetryPolicy = PATIENCE,
  ) {}

  /** Only looks. @throws UserLinkRefused where the table, or a key that is there, does not let itself be linked */
  survey(name: string): Promise<Survey> {
    return onDirectConnection(this.url, (client) => explaining(() => surveyed(client, name)));
  }

  /**
   * Links, or completes a link that was begun. New orphans cannot come once the keys are there, so orphans are looked
   * for afterwards once more; whatever stops it then, the keys that were added are taken away again.
   *
   * @throws UserLinkRefused also where there are orphans that are not to be deleted
   */
  link(name: string, options: { readonly deleteOrphans: boolean }): Promise<Linked> {
    return onDirectConnection(this.url, (client) =>
      explaining(async () => {
        const found = await surveyed(client, name);
        if (found.linked) return { ...found, deleted: { tasks: 0, counters: 0 } };
        if (!options.deleteOrphans) refuseOrphans(found);
        const added = await this.locking(client, 'share row exclusive', () => addLinks(client, found.users));
        try {
          if (!options.deleteOrphans) refuseOrphans(await surveyed(client, name));
          const deleted = await this.briefly(client, () => withoutOrphans(client, found.users));
          for (const validate of VALIDATE_LINKS) await this.briefly(client, () => client.query(validate));
          return { ...found, deleted };
        } catch (error) {
          // Where that does not work either, the next run completes what is there, and unlink takes it back.
          await this.locking(client, 'access exclusive', () => dropLinks(client, added)).catch(() => {});
          throw error;
        }
      }),
    );
  }

  /** Takes back what `link` added, whole or not; whether there was something. */
  unlink(): Promise<boolean> {
    return onDirectConnection(this.url, (client) =>
      explaining(async () => {
        const parts = (await links(client)).flatMap(({ part }) => part ?? []);
        if (parts.length > 0) await this.locking(client, 'access exclusive', () => dropLinks(client, parts));
        return parts.length > 0;
      }),
    );
  }

  /** Under a lock of both of our tables. */
  private locking<Result>(client: pg.Client, mode: LockMode, work: () => Promise<Result>): Promise<Result> {
    return this.briefly(client, async (attempt) => {
      await client.query(lockOurs(mode, attempt));
      return work();
    });
  }

  private briefly<Result>(client: pg.Client, work: (attempt: number) => Promise<Result>): Promise<Result> {
    const refused = () =>
      new UserLinkRefused(
        `Something has held the tables for ${this.patience.total / 1000} s without a break, a long transaction it may be: try again when it has ended`,
      );
    return briefTransaction(client, this.patience, refused, work);
  }
}

async function surveyed(client: pg.Client, name: string): Promise<Survey> {
  const users = await userTable(client, name);
  const found = await links(client);
  for (const { part, table, constraint, users: other } of found) {
    if (part === undefined) {
      throw new UserLinkRefused(
        `${table} has a foreign key that is not ours, ${constraint}, to ${other}: take it away first (alter table ${table} drop constraint ${pg.escapeIdentifier(constraint)})`,
      );
    }
    if (part === 'counters' && other !== users) {
      throw new UserLinkRefused(`Users are linked to ${other} already: run taskwell unlink-users first`);
    }
  }
  const linked = found.length === Object.keys(LINKS).length && found.every(({ valid }) => valid);
  return { users, linked, orphans: linked ? { users: 0, tasks: 0, first: [] } : await orphans(client, users) };
}

async function links(client: pg.Client): Promise<readonly (LinkRow & { part: Part | undefined })[]> {
  const { rows } = await client.query<LinkRow>(FIND_LINKS);
  return rows.map((row) => ({ ...row, part: partOf(row) }));
}

function partOf({ constraint }: LinkRow): Part | undefined {
  if (constraint === LINKS.counters.constraint) return 'counters';
  return constraint === LINKS.tasks.constraint ? 'tasks' : undefined;
}

async function orphans(client: pg.Client, users: string): Promise<Orphans> {
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
    `${described(survey)}\nNothing is changed. Bring these users back into ${survey.users}, or delete what belongs to them with --delete-orphans`,
  );
}

/** The orphans for people: how many there are, and whose. */
export function described({ users, orphans: { users: count, tasks, first } }: Survey): string {
  const more = count > first.length ? [`  and ${count - first.length} more`] : [];
  return [
    `Not in ${users} but with tasks or a counter: ${count} users, ${tasks} tasks`,
    ...first.map((orphan) => `  ${orphan.user}  ${orphan.tasks}`),
    ...more,
  ].join('\n');
}

/** Gives those that were not there yet. */
async function addLinks(client: pg.Client, users: string): Promise<readonly Part[]> {
  const there = (await links(client)).map(({ part }) => part);
  if (!there.includes('tasks')) await client.query(ADD_LINK.tasks());
  if (!there.includes('counters')) await client.query(ADD_LINK.counters(users));
  return (['tasks', 'counters'] as const).filter((part) => !there.includes(part));
}

async function withoutOrphans(client: pg.Client, users: string): Promise<Linked['deleted']> {
  const statements = deleteOrphans(users);
  const tasks = (await client.query(statements.tasks)).rowCount ?? 0;
  const counters = (await client.query(statements.counters)).rowCount ?? 0;
  await client.query(ADD_MISSING_COUNTERS);
  return { tasks, counters };
}

async function dropLinks(client: pg.Client, parts: readonly Part[]): Promise<void> {
  for (const part of parts) await client.query(dropLink(LINKS[part]));
}

/** 42501 insufficient_privilege, 0A000 feature_not_supported (a distributed table and one that is not), 42P16 (an unlogged one). */
async function explaining<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !['42501', '0A000', '42P16'].includes(error.code ?? '')) throw error;
    throw new UserLinkRefused(`The database does not let users be linked: ${error.message}`, { cause: error });
  }
}

interface LinkRow {
  readonly table: string;
  readonly constraint: string;
  readonly valid: boolean;
  /** The table that it refers to, with its schema, quoted. */
  readonly users: string;
}

interface OrphanRow {
  readonly user_id: string;
  readonly tasks: string;
  readonly all_users: string;
  readonly all_tasks: string;
}
