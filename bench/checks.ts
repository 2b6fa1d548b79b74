import type { Case, Kind } from './cases.ts';
import type { Entrant } from './load.ts';
import { isExpected, type PlannedRequest, planned } from './planned-request.ts';
import { seededTitle, userId } from './population.ts';

/** Requests of each kind. */
const SAMPLE = 100;
/** How many are under way at once. */
const AT_ONCE = 10;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks for random tasks of random users, one by one, and looks at every field that comes back; changes are read again.
 *
 * @param kinds what the cases that are measured ask for
 * @returns what was wrong, a line each
 */
export async function faultsOf(entrant: Entrant, kinds: ReadonlySet<Kind>): Promise<readonly string[]> {
  if (entrant.server === undefined) return [];
  const faults: string[] = await refusals(entrant);
  for (const kind of kinds) {
    for (let done = 0; done < SAMPLE; done += AT_ONCE) {
      const requests = Array.from({ length: AT_ONCE }, (_, index) => planned(entrant, kind, done + index));
      // two toggles of one task at once would not know which was first
      const apart = new Map(requests.map((request) => [`${request.user} ${request.number}`, request]));
      faults.push(...(await Promise.all([...apart.values()].map((request) => faultOf(entrant, request)))).flat());
    }
  }
  return faults;
}

/** The number of tasks that were made and are not there, or are there though nobody asked for them. */
export async function createdFault(entrant: Entrant, created: number, unanswered: number): Promise<string[]> {
  const { database, population } = entrant;
  const [row] = await database.query('select count(*)::int as tasks from tasks');
  const there = Number(row?.tasks) - population.users * population.perUser;
  if (there >= created && there <= created + unanswered) return [];
  return [
    `${created} creations were acknowledged (and at most ${unanswered} more begun), ${there} new tasks are there`,
  ];
}

/**
 * Waits until it has dealt with what the last load left behind: answers that nobody waits for any more. A list stands in
 * line behind them.
 */
export async function settled(entrant: Entrant): Promise<void> {
  if (entrant.server !== undefined) await send(entrant, planned(entrant, 'list', 0));
}

/** Every kind that the cases ask for. */
export function kindsOf(cases: readonly Case[]): ReadonlySet<Kind> {
  return new Set(cases.flatMap(({ mix }) => Object.keys(mix) as Kind[]));
}

async function faultOf(entrant: Entrant, request: PlannedRequest): Promise<string[]> {
  const before = request.kind === 'toggle' ? await completed(entrant, request) : undefined;
  const answer = await send(entrant, request);
  const told = `${request.method} ${request.path}: ${answer.status} ${answer.text.slice(0, 300)}`;
  if (!isExpected(request, answer.status, answer.text)) return [told];
  const body = JSON.parse(answer.text);
  switch (request.kind) {
    case 'read':
      return body.title === seededTitle(request.number ?? 0) || /^Water the plants, again/.test(body.title)
        ? []
        : [told];
    case 'list':
      return isInOrder(entrant, request, body.tasks) ? [] : [`${told} … is not in order`];
    case 'toggle':
      return body.completed === !before && (await completed(entrant, request)) === body.completed ? [] : [told];
    default: {
      const path = request.kind === 'create' ? `${request.path}/${body.id}` : request.path;
      const again = await send(entrant, { ...request, kind: 'read', method: 'GET', path });
      return isExpected({ ...request, kind: 'read', id: body.id }, again.status, again.text)
        ? []
        : [`${told}, and then ${again.status} ${again.text.slice(0, 300)}`];
    }
  }
}

/** All tasks of the user, each once, newest first. */
function isInOrder({ contestant, population }: Entrant, { user }: PlannedRequest, tasks: readonly { id: number }[]) {
  const { perUser } = population;
  return tasks.every(({ id }, index) => id === contestant.taskId(user, perUser - index, population));
}

async function completed(entrant: Entrant, request: PlannedRequest): Promise<unknown> {
  const path = request.path.replace(/\/complete$/, '');
  return JSON.parse((await send(entrant, { ...request, method: 'GET', path })).text).completed;
}

/** No token, a forged one, another user's path and another user's task. */
async function refusals(entrant: Entrant): Promise<string[]> {
  const [mine, other] = [planned(entrant, 'list', 0), userId(entrant.population.users * 2 - 1)];
  const forged = `${token(entrant, mine.user).slice(0, -10)}AAAAAAAAAA`;
  const cases: [number, Promise<Answer>][] = [
    [401, send(entrant, mine, null)],
    [401, send(entrant, mine, forged)],
    [403, send(entrant, { ...mine, path: `/api/${other}/tasks` })],
  ];
  const answers = await Promise.all(cases.map(async ([status, answer]) => [status, await answer] as const));
  return answers
    .filter(([expected, { status }]) => status !== expected)
    .map(([expected, { status }], index) => `refusal ${index + 1}: ${status} instead of ${expected}`);
}

function token({ signer, contestant }: Entrant, user: number): string {
  return signer.token(contestant.algorithm ?? 'HS256', user);
}

async function send(entrant: Entrant, request: PlannedRequest, bearer: string | null = token(entrant, request.user)) {
  const { method, path, body } = request;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (bearer !== null) headers.authorization = `Bearer ${bearer}`;
  const options = { method, headers, ...(method !== 'GET' && body !== undefined && { body }) };
  const response = await fetch(`${entrant.server?.url}${path}`, options);
  return { status: response.status, text: await response.text() };
}
