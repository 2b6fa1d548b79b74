import type { OriginalClient } from './original-client.ts';

const user = {
  'user.id': String,
  'user.email': '{email}',
  'user.name': String,
  'user.created_at': String,
  token: String,
};
const keeps = { user: 'user.id', token: 'token' };
const task = { id: String, created_at: String, updated_at: String };

export const testAppTodo: OriginalClient = {
  source: { repository: 'harisaltafb105/test_app_todo', commit: 'f4be2bf' },
  contract: '003-backend-api',
  base: '',
  calls: [
    {
      does: 'signs up',
      method: 'POST',
      path: '/auth/register',
      body: { email: '{email}', password: '{password}', name: 'ann' },
      isPublic: true,
      status: 201,
      reads: { ...user, 'user.name': 'ann' },
      keeps,
    },
    {
      does: 'is refused as a second account',
      method: 'POST',
      path: '/auth/register',
      body: { email: '{email}', password: '{password}', name: 'ann' },
      isPublic: true,
      status: 409,
      reads: { detail: String, error: 'conflict' },
    },
    {
      does: 'is refused with a wrong password',
      method: 'POST',
      path: '/auth/login',
      body: { email: '{email}', password: 'a wrong password' },
      isPublic: true,
      status: 401,
      reads: { detail: String, error: String },
    },
    {
      does: 'signs in',
      method: 'POST',
      path: '/auth/login',
      body: { email: '{email}', password: '{password}' },
      isPublic: true,
      status: 200,
      reads: user,
      keeps,
    },
    { does: 'lists nothing', method: 'GET', path: '/api/{user}/tasks', reads: { length: 0 } },
    {
      does: 'adds a task',
      method: 'POST',
      path: '/api/{user}/tasks',
      body: { title: 'Buy groceries' },
      reads: { ...task, title: 'Buy groceries', description: null, completed: false },
      keeps: { id: 'id' },
    },
    {
      does: 'edits it',
      method: 'PATCH',
      path: '/api/{user}/tasks/{id}',
      body: { title: 'Buy milk', description: 'Two litres' },
      reads: { ...task, title: 'Buy milk', description: 'Two litres', completed: false },
    },
    {
      does: 'completes it',
      method: 'PATCH',
      path: '/api/{user}/tasks/{id}',
      body: { completed: true },
      reads: { ...task, title: 'Buy milk', completed: true },
    },
    {
      does: 'reopens it, as the second half of a double click',
      method: 'PATCH',
      path: '/api/{user}/tasks/{id}',
      body: { completed: false },
      reads: { ...task, completed: false },
    },
    {
      does: 'lists it',
      method: 'GET',
      path: '/api/{user}/tasks',
      reads: { length: 1, '0.id': '{id}', '0.title': 'Buy milk', '0.created_at': String, '0.updated_at': String },
    },
    { does: 'deletes it', method: 'DELETE', path: '/api/{user}/tasks/{id}' },
    { does: 'lists nothing any more', method: 'GET', path: '/api/{user}/tasks', reads: { length: 0 } },
  ],
};
