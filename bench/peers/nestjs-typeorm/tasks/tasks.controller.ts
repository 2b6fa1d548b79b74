import { Body, Controller, Delete, Get, Param, ParseIntPipe, Patch, Post, Put, UseGuards } from '@nestjs/common';
import { AuthGuard } from '../auth/auth.guard.ts';
import { OwnPathGuard } from '../auth/own-path.guard.ts';
import { CreateTaskDto } from './create-task.dto.ts';
import type { Task } from './task.entity.ts';
import { TasksService } from './tasks.service.ts';
import { UpdateTaskDto } from './update-task.dto.ts';

@Controller('api/:user_id/tasks')
@UseGuards(AuthGuard, OwnPathGuard)
export class TasksController {
  constructor(private readonly tasksService: TasksService) {}

  @Get()
  async findAll(@Param('user_id') userId: string): Promise<{ tasks: Task[]; count: number }> {
    const tasks = await this.tasksService.findAll(userId);
    return { tasks, count: tasks.length };
  }

  @Post()
  create(@Param('user_id') userId: string, @Body() body: CreateTaskDto): Promise<Task> {
    return this.tasksService.create(userId, body);
  }

  @Get(':id')
  findOne(@Param('user_id') userId: string, @Param('id', ParseIntPipe) id: number): Promise<Task> {
    return this.tasksService.findOne(userId, id);
  }

  @Put(':id')
  update(
    @Param('user_id') userId: string,
    @Param('id', ParseIntPipe) id: number,
    @Body() body: UpdateTaskDto,
  ): Promise<Task> {
    return this.tasksService.update(userId, id, body);
  }

  @Patch(':id/complete')
  toggle(@Param('user_id') userId: string, @Param('id', ParseIntPipe) id: number): Promise<Task> {
    return this.tasksService.toggle(userId, id);
  }

  @Delete(':id')
  async remove(@Param('user_id') userId: string, @Param('id', ParseIntPipe) id: number): Promise<{ message: string }> {
    await this.tasksService.remove(userId, id);
    return { message: 'Task deleted' };
  }
}
