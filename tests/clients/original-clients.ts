import { fullStackTodoApp } from './full-stack-todo-app.ts';
import { hackathonIiTodo } from './hackathon-ii-todo.ts';
import { hakathoon22 } from './hakathoon2-2.ts';
import type { OriginalClient } from './original-client.ts';
import { testAppTodo } from './test-app-todo.ts';
import { todoFullStackApp } from './todo-full-stack-app.ts';

/** The original clients of the contracts. */
export const ORIGINAL_CLIENTS: readonly OriginalClient[] = [
  testAppTodo,
  todoFullStackApp,
  hakathoon22,
  fullStackTodoApp,
  hackathonIiTodo,
];
