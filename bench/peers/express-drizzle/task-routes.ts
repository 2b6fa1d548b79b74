import { and, desc, eq, not } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { Router } from 'express';
import { z } from 'zod';
import { HttpError } from './errors.ts';
import { tasks } from './schema.ts';

const taskId = z.coerce.number().int().positive();
const title = z.string().trim().min(1).max(200);

const createTask = z.object({ title, description: z.string().nullish() });

const updateTask = z
  .object({ title: title.nullish(), description: z.string().nullish() })
  .transform(({ title, description }) => ({ title: title ?? undefined, description: description ?? undefined }))
  .refine(({ title, description }) => title !== undefined || description !== undefined, {
    message: 'At least one field (title or description) must be provided',
  });

export function taskRoutes(db: NodePgDatabase): Router {
  const router = Router({ mergeParams: true });

  router.get('/', async (req, res) => {
    const rows = await db.select().from(tasks).where(eq(tasks.user_id, req.userId)).orderBy(desc(tasks.created_at));
    res.json({ tasks: rows, count: rows.length });
  });

  router.post('/', async (req, res) => {
    const values = createTask.parse(req.body);
    const [task] = await db
      .insert(tasks)
      .values({ ...values, user_id: req.userId })
      .returning();
    res.status(201).json(task);
  });

  router.get('/:id', async (req, res) => {
    const [task] = await db.select().from(tasks).where(mine(req.userId, req.params.id)).limit(1);
    res.json(found(task));
  });

  router.put('/:id', async (req, res) => {
    const changes = updateTask.parse(req.body);
    const [task] = await db.update(tasks).set(changes).where(mine(req.userId, req.params.id)).returning();
    res.json(found(task));
  });

  router.patch('/:id/complete', async (req, res) => {
    const [task] = await db
      .update(tasks)
      .set({ completed: not(tasks.completed) })
      .where(mine(req.userId, req.params.id))
      .returning();
    res.json(found(task));
  });

  router.delete('/:id', async (req, res) => {
    const [task] = await db.delete(tasks).where(mine(req.userId, req.params.id)).returning({ id: tasks.id });
    found(task);
    res.json({ message: 'Task deleted' });
  });

  return router;
}

function mine(userId: string, id: string) {
  return and(eq(tasks.user_id, userId), eq(tasks.id, taskId.parse(id)));
}

function found<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new HttpError(404, 'Task not found');
  return row;
}
