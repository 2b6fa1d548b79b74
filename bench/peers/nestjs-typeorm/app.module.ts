import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from './auth/auth.module.ts';
import { Task } from './tasks/task.entity.ts';
import { TasksModule } from './tasks/tasks.module.ts';

@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      useFactory: () => ({
        type: 'postgres',
        url: process.env.DATABASE_URL ?? '',
        poolSize: 10,
        parseInt8: true,
        entities: [Task],
        synchronize: false,
      }),
    }),
    AuthModule,
    TasksModule,
  ],
})
export class AppModule {}
