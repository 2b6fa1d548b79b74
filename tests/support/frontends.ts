/**
 * What each of the six frontends expects, written by hand from their specifications. It does not use the server's own
 * tables: expectations that come from the code under test prove nothing.
 */
export interface Frontend {
  readonly name: string;
  readonly userInPath: boolean;
  /** What its paths begin with, below the place of the contract. */
  readonly root: '/api' | '';
  readonly id: 'integer' | 'uuid';
  readonly completed: 'completed' | 'is_completed';
  readonly createdKeys: readonly string[];
  readonly invalid: 400 | 422;
  /** The words of the parameter `status`. */
  readonly statuses: readonly string[];
  readonly toggles: readonly string[];
  readonly patches: boolean;
  readonly deleted: { readonly status: 200 | 204; readonly body: unknown };
  readonly limits: { readonly title: number; readonly description: number };
  /** A body of PUT that sets the title, and keeps the other fields of a new task. */
  readonly put: (title: string) => object;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came back
  readonly tasksIn: (body: any) => any[];
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came back
  readonly taskIn: (body: any) => any;
  /** The body of an error with these parts. */
  readonly error: (is: {
    status: number;
    category: string;
    detail: unknown;
    at: unknown;
    details?: unknown;
  }) => unknown;
}

const TASK = ['id', 'user_id', 'title', 'description', 'completed', 'created_at', 'updated_at'];
/** Those of a contract whose specification has none. */
const STATUSES = ['all', 'pending', 'active', 'completed'];
const CAMEL = ['createdAt', 'updatedAt', 'userId'];
const itself = <Body>(body: Body): Body => body;

export const FRONTENDS: readonly Frontend[] = [
  {
    name: '007-fastapi-backend',
    userInPath: true,
    root: '/api',
    id: 'integer',
    completed: 'completed',
    createdKeys: TASK,
    invalid: 400,
    statuses: ['all', 'pending', 'completed'],
    toggles: ['complete'],
    patches: false,
    deleted: { status: 200, body: { message: 'Task deleted' } },
    limits: { title: 200, description: 100_000 },
    put: (title) => ({ title }),
    tasksIn: ({ tasks }) => tasks,
    taskIn: itself,
    error: ({ category, detail }) => ({ error: category, detail }),
  },
  {
    name: '003-backend-api',
    userInPath: true,
    root: '/api',
    id: 'uuid',
    completed: 'completed',
    createdKeys: TASK,
    invalid: 422,
    statuses: STATUSES,
    toggles: [],
    patches: true,
    deleted: { status: 204, body: undefined },
    limits: { title: 500, description: 5_000 },
    put: (title) => ({ title, completed: false }),
    tasksIn: itself,
    taskIn: itself,
    error: ({ category, detail }) => ({ error: category, detail }),
  },
  {
    name: '002-todo-backend-auth',
    userInPath: true,
    root: '/api',
    id: 'uuid',
    completed: 'completed',
    createdKeys: [...TASK, ...CAMEL],
    invalid: 422,
    statuses: STATUSES,
    toggles: ['complete'],
    patches: false,
    deleted: { status: 204, body: undefined },
    limits: { title: 200, description: 1_000 },
    put: (title) => ({ title }),
    tasksIn: itself,
    taskIn: itself,
    error: ({ category, detail, at }) => ({ detail, error_code: category, timestamp: at }),
  },
  {
    name: '1-backend-integration',
    userInPath: false,
    root: '/api',
    id: 'integer',
    completed: 'completed',
    createdKeys: [...TASK, ...CAMEL],
    invalid: 400,
    statuses: ['completed', 'active'],
    toggles: ['complete', 'toggle-complete'],
    patches: false,
    deleted: { status: 204, body: undefined },
    limits: { title: 200, description: 10_000 },
    put: (title) => ({ title }),
    tasksIn: itself,
    taskIn: itself,
    error: ({ status, category, detail }) => ({ detail, status_code: status, error_type: category, message: detail }),
  },
  {
    name: '002-backend-api',
    userInPath: false,
    root: '/api',
    id: 'uuid',
    completed: 'is_completed',
    createdKeys: TASK.map((key) => (key === 'completed' ? 'is_completed' : key)),
    invalid: 400,
    statuses: STATUSES,
    toggles: ['toggle'],
    patches: false,
    deleted: { status: 204, body: undefined },
    limits: { title: 500, description: 5_000 },
    put: (title) => ({ title }),
    tasksIn: ({ data }) => data,
    taskIn: ({ data }) => data,
    error: ({ category, detail, details = {} }) => ({
      error: { code: CODES[category] ?? category.toUpperCase(), message: detail, details },
    }),
  },
  {
    name: '001-todo-web-app',
    userInPath: false,
    root: '',
    id: 'uuid',
    completed: 'is_completed',
    createdKeys: TASK.map((key) => (key === 'completed' ? 'is_completed' : key)),
    invalid: 400,
    statuses: STATUSES,
    toggles: ['toggle'],
    patches: false,
    deleted: { status: 204, body: undefined },
    limits: { title: 500, description: 5_000 },
    put: (title) => ({ title }),
    tasksIn: ({ data }) => data.tasks,
    taskIn: ({ data }) => data.task,
    error: ({ category, detail, details = {} }) => ({
      data: null,
      message: null,
      error: { code: CODES[category] ?? category.toUpperCase(), message: detail, details },
    }),
  },
];

/** The path of a user's list below the place of the contract. */
export function tasksPath({ root, userInPath }: Pick<Frontend, 'root' | 'userInPath'>, user: string): string {
  return `${root}/${userInPath ? `${user}/` : ''}tasks`;
}

const CODES: Readonly<Record<string, string>> = {
  task_not_found: 'TASK_NOT_FOUND',
  internal_error: 'INTERNAL_SERVER_ERROR',
};
