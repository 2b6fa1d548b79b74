import type { Description } from '../domain/description.ts';
import type { Task } from '../domain/task.ts';
import type { Title } from '../domain/title.ts';
import type { UserId } from '../domain/user-id.ts';
import type { TaskIds } from './ports/task-ids.ts';
import type { TaskRepository } from './ports/task-repository.ts';

export class CreateTask {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly ids: TaskIds,
  ) {}

  execute({
    owner,
    title,
    description,
  }: {
    owner: UserId;
    title: Title;
    description?: Description | undefined;
  }): Promise<Task> {
    return this.tasks.ownedBy(owner).add({ id: this.ids.next(), title, description });
  }
}
