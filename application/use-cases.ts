import { CreateTask } from './create-task.ts';
import { DeleteTask } from './delete-task.ts';
import { EraseUser } from './erase-user.ts';
import { GetTask } from './get-task.ts';
import { ListTasks } from './list-tasks.ts';
import type { TaskIds } from './ports/task-ids.ts';
import type { TaskRepository } from './ports/task-repository.ts';
import { ReadStatistics } from './read-statistics.ts';
import { ToggleTask } from './toggle-task.ts';
import { UpdateTask } from './update-task.ts';

/** Creates every use case and connects it to its ports. A new use case is added here. */
export function createUseCases({ tasks, ids }: { tasks: TaskRepository; ids: TaskIds }) {
  return {
    createTask: new CreateTask(tasks, ids),
    getTask: new GetTask(tasks),
    listTasks: new ListTasks(tasks),
    readStatistics: new ReadStatistics(tasks),
    updateTask: new UpdateTask(tasks),
    toggleTask: new ToggleTask(tasks),
    deleteTask: new DeleteTask(tasks),
    eraseUser: new EraseUser(tasks),
  };
}

/** Every use case by its name. */
export type UseCases = Readonly<ReturnType<typeof createUseCases>>;
