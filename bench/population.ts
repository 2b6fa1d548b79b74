/** Who is in the database, and with how many tasks each. */
export interface Population {
  readonly users: number;
  readonly perUser: number;
  /** How many of the users send requests, a divisor of all: they lie evenly among them. */
  readonly active: number;
}

export const USUAL: Population = { users: 1_000, perUser: 100, active: 1_000 };
/** A hundred times as much, to see what growth costs. */
export const LARGE: Population = { users: 100_000, perUser: 100, active: 100_000 };

/**
 * Of those who send requests the one at this place, from 0. Behind those who have tasks come as many who make new ones.
 */
export function activeUser(place: number, { users, active }: Population): number {
  return place * (users / active);
}

/**
 * The id of user u, from 0. Users beyond those of the population have no tasks yet: new tasks are theirs, so that every
 * list keeps its hundred, however many tasks a contestant has time to create.
 */
export function userId(u: number): string {
  return `user-${String(u).padStart(27, '0')}`;
}

/** The title of task n, from 1, as the seeds make it. */
export function seededTitle(n: number): string {
  return `Water the plants, shelf ${String(n).padStart(6, '0')}`;
}

/** What the seeds put in for `{users}` and `{perUser}`. */
export function seedFor(sql: string, { users, perUser }: Population): string {
  return sql.replaceAll('{users}', String(users)).replaceAll('{perUser}', String(perUser));
}
