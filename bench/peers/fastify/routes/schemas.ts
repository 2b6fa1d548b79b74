/** The wire, for validation and for serialization: the response schemas turn a Date into ISO 8601. */

export interface OwnerParams {
  readonly user_id: string;
}

export interface TaskParams extends OwnerParams {
  readonly id: number;
}

export interface CreateTask {
  readonly title: string;
  readonly description?: string | null;
}

export type UpdateTask = Partial<CreateTask>;

export interface TaskRow {
  readonly id: number;
  readonly user_id: string;
  readonly title: string;
  readonly description: string | null;
  readonly completed: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const title = { type: 'string', minLength: 1, maxLength: 200, pattern: '\\S' };
const description = { type: 'string', nullable: true };

export const ownerParams = {
  type: 'object',
  required: ['user_id'],
  properties: { user_id: { type: 'string' } },
};

export const taskParams = {
  type: 'object',
  required: ['user_id', 'id'],
  properties: { user_id: { type: 'string' }, id: { type: 'integer', minimum: 1 } },
};

export const createTask = {
  type: 'object',
  required: ['title'],
  properties: { title, description },
};

export const updateTask = {
  type: 'object',
  minProperties: 1,
  properties: { title, description },
};

export const task = {
  type: 'object',
  required: ['id', 'user_id', 'title', 'description', 'completed', 'created_at', 'updated_at'],
  properties: {
    id: { type: 'integer' },
    user_id: { type: 'string' },
    title: { type: 'string' },
    description: { type: 'string', nullable: true },
    completed: { type: 'boolean' },
    created_at: { type: 'string', format: 'date-time' },
    updated_at: { type: 'string', format: 'date-time' },
  },
};

export const taskList = {
  type: 'object',
  required: ['tasks', 'count'],
  properties: { tasks: { type: 'array', items: task }, count: { type: 'integer' } },
};

export const removed = {
  type: 'object',
  properties: { message: { type: 'string' } },
};
