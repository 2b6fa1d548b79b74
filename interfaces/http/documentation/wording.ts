import type { Contract } from '../contracts/contract.ts';
import type { Endpoint } from '../contracts/endpoints.ts';
import type { ErrorKind } from '../errors/http-errors.ts';

/** What the documentation says, for frontend developers, of what all contracts have. */
export const wording = {
  server: `Every user has tasks of their own, and nobody sees those of another: a task of somebody else is 404, as one that
does not exist. Send the token that Better Auth gave your user with every request. Timestamps are UTC, ISO 8601, and set by the
server. Whatever goes wrong comes as JSON in one shape, with a sentence for people and a stable name for programs.`,

  token:
    'The JWT of the user who is signed in, as Better Auth or your frontend issues it; its `sub` is the user. In development, `npx taskwell token --user demo` mints one.',

  userInPath: 'The user who is signed in: the `sub` of the token. Any other is 403',

  success: {
    list: 'All tasks that were asked for',
    create: 'The new task',
    read: 'The task',
    update: 'The task as it is now',
    toggle: 'The task as it is now',
    delete: 'The task is gone',
  } satisfies Record<Endpoint['operation'], string>,

  failure: {
    validation_error: 'A value is not what it has to be: the message names it and says what to do.',
    invalid_json: 'The body is not a JSON object.',
    unauthorized: 'The token is missing, or it does not hold.',
    forbidden: 'The path names another user than the one who is signed in.',
    task_not_found: 'The user has no such task.',
    route_not_found: 'There is nothing at this path.',
    method_not_allowed: 'The path does not know this method.',
    payload_too_large: 'The body is larger than 1 MiB.',
    unsupported_media_type: 'The body is not sent as application/json.',
    rate_limited: 'These are too many requests; Retry-After says when to go on.',
    internal_error: 'Nobody foresaw this.',
    service_unavailable: 'The database is out of reach for now.',
  } satisfies Record<ErrorKind, string>,

  operation(endpoint: Endpoint, { toggle }: Contract): { summary: string; description: string; operationId: string } {
    const { operation, method, path } = endpoint;
    switch (operation) {
      case 'list':
        return {
          operationId: 'listTasks',
          summary: 'List tasks',
          description: 'The whole list in one answer; nothing is ever cut.',
        };
      case 'create':
        return {
          operationId: 'createTask',
          summary: 'Create a task',
          description:
            'The server gives it its id and its timestamps; it is pending. Fields other than these are ignored.',
        };
      case 'read':
        return { operationId: 'getTask', summary: 'Read a task', description: 'One task by its id.' };
      case 'update':
        return method === 'PATCH'
          ? { operationId: 'patchTask', summary: 'Change parts of a task', description: 'Changes what is given.' }
          : {
              operationId: 'updateTask',
              summary: 'Update a task',
              description: 'Answers with the task, also when no value changes.',
            };
      case 'toggle': {
        const last = path.split('/').at(-1) ?? '';
        const setting = endpoint.body ? ' Where its body gives `completed`, it sets that instead.' : '';
        return {
          operationId: `toggleTask${last === toggle?.paths[0] ? '' : inPascalCase(last)}`,
          summary: 'Complete a task, or take that back',
          description: `Turns completion round; it needs no body.${setting}`,
        };
      }
      case 'delete':
        return {
          operationId: 'deleteTask',
          summary: 'Delete a task',
          description: 'For good: its id is never given again.',
        };
    }
  },
};

function inPascalCase(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
