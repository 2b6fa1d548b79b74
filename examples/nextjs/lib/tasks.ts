import { taskwell } from './taskwell';

/** A task of the contract 007-fastapi-backend, as far as the page shows it. */
export interface Task {
  readonly id: number;
  readonly user_id: string;
  readonly title: string;
  readonly completed: boolean;
}

export function addTask(userId: string, title: string): Promise<Task> {
  return taskwell(`/api/${userId}/tasks`, { method: 'POST', body: JSON.stringify({ title }) });
}

export function renameTask(task: Task, title: string): Promise<Task> {
  return taskwell(pathOf(task), { method: 'PUT', body: JSON.stringify({ title }) });
}

/** Completes an open task, or reopens a completed one. */
export function toggleTask(task: Task): Promise<Task> {
  return taskwell(`${pathOf(task)}/complete`, { method: 'PATCH' });
}

export async function deleteTask(task: Task): Promise<void> {
  await taskwell(pathOf(task), { method: 'DELETE' });
}

function pathOf({ user_id, id }: Task): string {
  return `/api/${user_id}/tasks/${id}`;
}
