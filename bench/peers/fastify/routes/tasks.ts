import type { FastifyInstance } from 'fastify';
import { HttpError } from '../plugins/errors.ts';
import {
  type CreateTask,
  createTask,
  type OwnerParams,
  ownerParams,
  removed,
  type TaskParams,
  type TaskRow,
  task,
  taskList,
  taskParams,
  type UpdateTask,
  updateTask,
} from './schemas.ts';

const COLUMNS = 'id, user_id, title, description, completed, created_at, updated_at';

export async function tasks(app: FastifyInstance): Promise<void> {
  app.addHook('onRequest', app.authenticate);
  app.addHook('preHandler', app.ownPath);

  app.get<{ Params: OwnerParams }>(
    '/',
    { schema: { params: ownerParams, response: { 200: taskList } } },
    async ({ params }) => {
      const { rows } = await app.pg.query<TaskRow>(
        `select ${COLUMNS} from tasks where user_id = $1 order by created_at desc`,
        [params.user_id],
      );
      return { tasks: rows, count: rows.length };
    },
  );

  app.post<{ Params: OwnerParams; Body: CreateTask }>(
    '/',
    { schema: { params: ownerParams, body: createTask, response: { 201: task } } },
    async ({ params, body }, reply) => {
      const { rows } = await app.pg.query<TaskRow>(
        `insert into tasks (user_id, title, description) values ($1, $2, $3) returning ${COLUMNS}`,
        [params.user_id, body.title.trim(), body.description],
      );
      return reply.status(201).send(rows[0]);
    },
  );

  app.get<{ Params: TaskParams }>(
    '/:id',
    { schema: { params: taskParams, response: { 200: task } } },
    async ({ params }) => {
      const { rows } = await app.pg.query<TaskRow>(`select ${COLUMNS} from tasks where user_id = $1 and id = $2`, [
        params.user_id,
        params.id,
      ]);
      return found(rows[0]);
    },
  );

  app.put<{ Params: TaskParams; Body: UpdateTask }>(
    '/:id',
    { schema: { params: taskParams, body: updateTask, response: { 200: task } } },
    async ({ params, body }) => {
      const { rows } = await app.pg.query<TaskRow>(
        `update tasks set title = coalesce($3, title), description = coalesce($4, description), updated_at = now()
         where user_id = $1 and id = $2 returning ${COLUMNS}`,
        [params.user_id, params.id, body.title?.trim(), body.description],
      );
      return found(rows[0]);
    },
  );

  app.patch<{ Params: TaskParams }>(
    '/:id/complete',
    { schema: { params: taskParams, response: { 200: task } } },
    async ({ params }) => {
      const { rows } = await app.pg.query<TaskRow>(
        `update tasks set completed = not completed, updated_at = now()
         where user_id = $1 and id = $2 returning ${COLUMNS}`,
        [params.user_id, params.id],
      );
      return found(rows[0]);
    },
  );

  app.delete<{ Params: TaskParams }>(
    '/:id',
    { schema: { params: taskParams, response: { 200: removed } } },
    async ({ params }) => {
      const { rows } = await app.pg.query<TaskRow>(
        `delete from tasks where user_id = $1 and id = $2 returning ${COLUMNS}`,
        [params.user_id, params.id],
      );
      found(rows[0]);
      return { message: 'Task deleted' };
    },
  );
}

function found(row: TaskRow | undefined): TaskRow {
  if (row === undefined) throw new HttpError(404, 'Task not found');
  return row;
}
