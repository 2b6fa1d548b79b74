import 'reflect-metadata';
import { createWriteStream } from 'node:fs';
import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import morgan from 'morgan';
import { AppModule } from './app.module.ts';
import { ErrorFilter } from './error.filter.ts';

const { PORT = '3000', HOST = '127.0.0.1', LOG_FILE } = process.env;

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.use(morgan('combined', { stream: LOG_FILE ? createWriteStream(LOG_FILE, { flags: 'a' }) : process.stdout }));
app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
app.useGlobalFilters(new ErrorFilter());
app.enableShutdownHooks();

await app.listen(Number(PORT), HOST);
console.log(`ready on http://${HOST}:${PORT}`);
