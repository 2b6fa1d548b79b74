import { expect } from 'vitest';
import { aUser } from '../conformance/builders.ts';
import { itWithApp } from './app-fixtures.ts';
import { documented } from './documented.ts';
import { FRONTENDS, type Frontend, tasksPath } from './frontends.ts';
import type { RequestOptions, RunningApp, Send } from './running-app.ts';

type RequestToTask = [method: string, path: string, options: RequestOptions];

/** Each contract at both of its paths: the root of an app, and `/contracts/<name>` of an app with another contract at the root. */
export const PLACES = FRONTENDS.flatMap((frontend) => [
  placeOf(frontend, { prefix: '', atRoot: frontend.name }),
  placeOf(frontend, {
    prefix: `/contracts/${frontend.name}`,
    atRoot: FRONTENDS.find(({ name }) => name !== frontend.name)!.name,
  }),
]);

/** Wraps an app so that each of its responses is checked against its OpenAPI document. */
export async function checked(running: RunningApp, prefix: string): Promise<RunningApp> {
  const check = await documented(running.send, prefix);
  const checking =
    (send: Send): Send =>
    async (method, path, options) => {
      const answer = await send(method, path, options);
      check(method, path, answer);
      return answer;
    };
  return { ...running, send: checking(running.send), as: (user) => checking(running.as(user)) };
}

/** A contract at one path, with what a test needs to send requests there. The responses of its `app` are checked. */
function placeOf(frontend: Frontend, { prefix, atRoot }: { prefix: string; atRoot: string }) {
  const tasksOf = (user: string) => `${prefix}${tasksPath(frontend, user)}`;

  /** Every request to one task that this frontend sends. */
  const requestsTo = (task: string): RequestToTask[] => [
    ['GET', task, {}],
    ['PUT', task, { body: frontend.put('Mine now') }],
    ...(frontend.patches ? [['PATCH', task, { body: { title: 'Mine now' } }] satisfies RequestToTask] : []),
    ...frontend.toggles.map((toggle): RequestToTask => ['PATCH', `${task}/${toggle}`, {}]),
    ['DELETE', task, {}],
  ];

  const it = itWithApp({ contract: atRoot })
    .extend('app', { scope: 'file' }, ({ app }) => checked(app, prefix))
    .extend('signIn', ({ app }) => (user: string = aUser()) => {
      const send = app.as(user);
      const tasks = tasksOf(user);
      const create = async (body: object = { title: 'Buy groceries' }) =>
        frontend.taskIn((await send('POST', tasks, { body })).body);
      return { user, send, tasks, create };
    });

  return {
    frontend,
    prefix,
    /** The name of the contract at the root of the app. */
    atRoot,
    /** Has the fixture `signIn`: a new user, the path of their tasks, and how to send requests and create tasks as them. */
    it,
    /** An id that no task has. */
    absent: frontend.id === 'uuid' ? '0192f1a0-7b1c-7def-8abc-0123456789ab' : '4711',
    tasksOf,
    requestsTo,
    /** Every request to one task and to the list. */
    requests: (tasks: string, task: string): RequestToTask[] => [
      ['GET', tasks, {}],
      ['POST', tasks, { body: { title: 'Buy groceries' } }],
      ...requestsTo(`${tasks}/${task}`),
    ],
    /** An error response as this contract words it. */
    error: (status: number, category: string, detail: unknown = expect.any(String), details?: unknown) => ({
      status,
      body: frontend.error({ status, category, detail, at: expect.stringMatching(UTC), details }),
    }),
  };
}

/** A time as every contract shows it: UTC to the microsecond. */
export const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
