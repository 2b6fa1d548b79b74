import { BadRequestException, Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { CreateTaskDto } from './create-task.dto.ts';
import { Task } from './task.entity.ts';
import type { UpdateTaskDto } from './update-task.dto.ts';

@Injectable()
export class TasksService {
  constructor(@InjectRepository(Task) private readonly tasks: Repository<Task>) {}

  findAll(userId: string): Promise<Task[]> {
    return this.tasks.find({ where: { user_id: userId }, order: { created_at: 'DESC' } });
  }

  async findOne(userId: string, id: number): Promise<Task> {
    const task = await this.tasks.findOneBy({ id, user_id: userId });
    if (!task) throw new NotFoundException('Task not found');
    return task;
  }

  create(userId: string, { title, description }: CreateTaskDto): Promise<Task> {
    return this.tasks.save(this.tasks.create({ user_id: userId, title, description: description ?? null }));
  }

  async update(userId: string, id: number, { title, description }: UpdateTaskDto): Promise<Task> {
    if (title == null && description == null) {
      throw new BadRequestException('At least one field (title or description) must be provided');
    }
    const task = await this.findOne(userId, id);
    task.title = title ?? task.title;
    task.description = description ?? task.description;
    return this.tasks.save(task);
  }

  async toggle(userId: string, id: number): Promise<Task> {
    const task = await this.findOne(userId, id);
    task.completed = !task.completed;
    return this.tasks.save(task);
  }

  async remove(userId: string, id: number): Promise<void> {
    const { affected } = await this.tasks.delete({ id, user_id: userId });
    if (!affected) throw new NotFoundException('Task not found');
  }
}
