import type { OriginalClient } from './original-client.ts';

const user = {
  'data.user.id': String,
  'data.user.email': '{email}',
  'data.user.created_at': String,
  'data.user.updated_at': String,
  'data.token': String,
};
const keeps = { token: 'data.token' };
const credentials = { email: '{email}', password: '{password}' };
const failure = { 'error.message': String, 'error.code': String, 'error.details': Object };

export const todoFullStackApp: OriginalClient = {
  source: { repository: 'ArifAbbas11/Todo-FullStack-App', commit: 'a323cb0' },
  contract: '001-todo-web-app',
  base: '',
  calls: [
    {
      does: 'signs up',
      method: 'POST',
      path: '/auth/signup',
      body: credentials,
      isPublic: true,
      status: 201,
      reads: user,
      keeps,
    },
    {
      does: 'is refused with a short password',
      method: 'POST',
      path: '/auth/signup',
      body: { email: 'other@example.com', password: 'short' },
      isPublic: true,
      status: 400,
      reads: { ...failure, 'error.code': 'VALIDATION_ERROR', 'error.details.field': 'password' },
    },
    {
      does: 'signs in',
      method: 'POST',
      path: '/auth/signin',
      body: credentials,
      isPublic: true,
      status: 200,
      reads: user,
      keeps,
    },
    { does: 'lists nothing', method: 'GET', path: '/tasks', reads: { 'data.tasks': [], 'data.count': 0 } },
    {
      does: 'adds a task',
      method: 'POST',
      path: '/tasks',
      body: { title: 'Buy groceries', description: 'Milk' },
      reads: { 'data.task.title': 'Buy groceries', 'data.task.description': 'Milk', 'data.task.is_completed': false },
      keeps: { id: 'data.task.id' },
    },
    {
      does: 'edits it, and clears the description by leaving it out',
      method: 'PUT',
      path: '/tasks/{id}',
      body: { title: 'Buy milk' },
      reads: { 'data.task.title': 'Buy milk', 'data.task.description': null },
    },
    {
      does: 'completes it',
      method: 'PATCH',
      path: '/tasks/{id}/toggle',
      reads: { 'data.task.id': '{id}', 'data.task.is_completed': true },
    },
    {
      does: 'lists it',
      method: 'GET',
      path: '/tasks',
      reads: { 'data.count': 1, 'data.tasks.0.id': '{id}', 'data.tasks.0.is_completed': true },
    },
    { does: 'deletes it', method: 'DELETE', path: '/tasks/{id}', status: 204 },
    {
      does: 'does not find it any more',
      method: 'PATCH',
      path: '/tasks/{id}/toggle',
      status: 404,
      reads: { ...failure, 'error.code': 'TASK_NOT_FOUND' },
    },
  ],
};
