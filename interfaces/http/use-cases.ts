import type { CreateTask } from '../../application/create-task.ts';
import type { DeleteTask } from '../../application/delete-task.ts';
import type { GetTask } from '../../application/get-task.ts';
import type { ListTasks } from '../../application/list-tasks.ts';
import type { ToggleTask } from '../../application/toggle-task.ts';
import type { UpdateTask } from '../../application/update-task.ts';

/** What the routes call. */
export interface UseCases {
  readonly createTask: CreateTask;
  readonly getTask: GetTask;
  readonly listTasks: ListTasks;
  readonly updateTask: UpdateTask;
  readonly toggleTask: ToggleTask;
  readonly deleteTask: DeleteTask;
}
