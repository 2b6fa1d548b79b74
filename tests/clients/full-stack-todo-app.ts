import type { OriginalClient } from './original-client.ts';

const user = { user_id: String, email: '{email}', access_token: String };
const keeps = { user: 'user_id', token: 'access_token' };
const credentials = { email: '{email}', password: '{password}' };
const task = { id: String, createdAt: String, updatedAt: String, userId: '{user}' };

export const fullStackTodoApp: OriginalClient = {
  source: { repository: 'SOMANcode786/FullSTack_todo_app', commit: 'a7309e5' },
  contract: '002-todo-backend-auth',
  base: '',
  calls: [
    {
      does: 'signs up',
      method: 'POST',
      path: '/api/auth/signup',
      body: credentials,
      isPublic: true,
      reads: user,
      keeps,
    },
    {
      does: 'is refused with a wrong password',
      method: 'POST',
      path: '/api/auth/login',
      body: { email: '{email}', password: 'a wrong password' },
      isPublic: true,
      status: 401,
    },
    {
      does: 'signs in',
      method: 'POST',
      path: '/api/auth/login',
      body: credentials,
      isPublic: true,
      reads: user,
      keeps,
    },
    { does: 'lists nothing', method: 'GET', path: '/api/{user}/tasks', reads: { length: 0 } },
    {
      does: 'adds a task',
      method: 'POST',
      path: '/api/{user}/tasks',
      body: { title: 'Buy groceries', description: 'Milk' },
      reads: { ...task, title: 'Buy groceries', description: 'Milk', completed: false },
      keeps: { id: 'id' },
    },
    {
      does: 'edits it',
      method: 'PUT',
      path: '/api/{user}/tasks/{id}',
      body: { title: 'Buy milk', description: '' },
      reads: { ...task, title: 'Buy milk', description: '', completed: false },
    },
    {
      does: 'edits it with its completion',
      method: 'PUT',
      path: '/api/{user}/tasks/{id}',
      body: { title: 'Buy milk', description: 'Two litres', completed: true },
      reads: { ...task, description: 'Two litres', completed: true },
    },
    {
      does: 'sets it completed once more',
      method: 'PATCH',
      path: '/api/{user}/tasks/{id}/complete',
      body: { completed: true },
      reads: { ...task, completed: true },
    },
    {
      does: 'reopens it',
      method: 'PATCH',
      path: '/api/{user}/tasks/{id}/complete',
      body: { completed: false },
      reads: { ...task, completed: false },
    },
    {
      does: 'lists it',
      method: 'GET',
      path: '/api/{user}/tasks',
      reads: { length: 1, '0.id': '{id}', '0.userId': '{user}' },
    },
    { does: 'deletes it', method: 'DELETE', path: '/api/{user}/tasks/{id}', status: 204 },
  ],
};
