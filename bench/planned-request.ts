import { randomInt } from 'node:crypto';
import type { Kind } from './cases.ts';
import type { Entrant } from './load.ts';
import { activeUser, userId } from './population.ts';

/** A request, with what its answer has to say. */
export interface PlannedRequest {
  readonly kind: Kind;
  /** Whose it is, from 0; and which of those who send requests that is. */
  readonly user: number;
  readonly place: number;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly body?: string;
  /** The task's number within its user, from 1, and its id; both absent of a list and of a new task. */
  readonly number?: number;
  readonly id?: number;
  readonly title?: string;
  /** How many tasks a list has. */
  readonly count: number;
}

/** A request of this kind for a random task of a random user. */
export function planned({ contestant, population }: Entrant, kind: Kind, serial: number): PlannedRequest {
  const { active, perUser } = population;
  // new tasks are of users who come after those whose lists are measured
  const place = randomInt(active) + (kind === 'create' ? active : 0);
  const user = activeUser(place, population);
  const path = `/api/${userId(user)}/tasks`;
  const of = { kind, place, user, count: perUser };
  if (kind === 'list') return { ...of, method: 'GET', path };
  if (kind === 'create') {
    const title = `Buy groceries ${serial}`;
    return { ...of, method: 'POST', path, title, body: JSON.stringify({ title, description: 'Milk, eggs, bread' }) };
  }
  const number = 1 + randomInt(perUser);
  const id = contestant.taskId(user, number, population);
  const one = { ...of, number, id };
  if (kind === 'read') return { ...one, method: 'GET', path: `${path}/${id}` };
  if (kind === 'toggle') return { ...one, method: 'PATCH', path: `${path}/${id}/complete` };
  const title = `Water the plants, again ${serial}`;
  return { ...one, method: 'PUT', path: `${path}/${id}`, title, body: JSON.stringify({ title }) };
}

/** Whether this is the answer to that request: its status, and whose task with which id and title it shows. */
export function isExpected(request: PlannedRequest, status: number, body: string): boolean {
  if (status !== (request.kind === 'create' ? 201 : 200)) return false;
  try {
    const answer = JSON.parse(body);
    if (request.kind !== 'list') return isTask(answer, request);
    const { tasks, count } = answer;
    return count === request.count && tasks.length === count && tasks.every((task: unknown) => isTask(task, request));
  } catch {
    return false;
  }
}

function isTask(task: unknown, { user, id, title }: PlannedRequest): boolean {
  if (typeof task !== 'object' || task === null) return false;
  const fields: Record<string, unknown> = { ...task };
  return (
    fields.user_id === userId(user) &&
    (id === undefined ? Number.isSafeInteger(fields.id) : fields.id === id) &&
    (title === undefined ? typeof fields.title === 'string' : fields.title === title)
  );
}
