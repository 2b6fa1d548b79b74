import type { OriginalClient } from './original-client.ts';

const user = { success: true, token: String, 'user.id': String, 'user.email': '{email}', 'user.name': 'Ann' };
const keeps = { token: 'token', user: 'user.id' };
const failure = { success: false, error: String };
const task = { id: Number, createdAt: String, updatedAt: String, userId: '{user}' };

export const hakathoon22: OriginalClient = {
  source: { repository: 'waseemghazigithub/hakathoon2_2', commit: '2c4b8aa' },
  contract: '1-backend-integration',
  base: '/api',
  calls: [
    {
      does: 'signs up',
      method: 'POST',
      path: '/auth/register',
      body: { email: '{email}', password: '{password}', name: 'Ann' },
      isPublic: true,
      status: 200,
      reads: user,
      keeps,
    },
    {
      does: 'reads in a success that the address is taken',
      method: 'POST',
      path: '/auth/register',
      body: { email: '{email}', password: '{password}', name: 'Ann' },
      isPublic: true,
      status: 200,
      reads: failure,
    },
    {
      does: 'reads in a success that the password is wrong',
      method: 'POST',
      path: '/auth/login',
      body: { email: '{email}', password: 'a wrong password' },
      isPublic: true,
      status: 200,
      reads: failure,
    },
    {
      does: 'reads in a success that a value is invalid',
      method: 'POST',
      path: '/auth/login',
      body: { email: 'ann', password: 'x' },
      isPublic: true,
      status: 200,
      reads: failure,
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
    {
      does: 'shows its first page',
      method: 'GET',
      path: '/tasks/stats',
      reads: { totalTasks: 0, completedTasks: 0, pendingTasks: 0, completionRate: 0, recentActivity: [] },
    },
    { does: 'lists nothing', method: 'GET', path: '/tasks', reads: { length: 0 } },
    {
      does: 'adds a task',
      method: 'POST',
      path: '/tasks',
      body: { title: 'Buy groceries', description: 'Milk' },
      reads: { ...task, title: 'Buy groceries', description: 'Milk', completed: false },
      keeps: { id: 'id' },
    },
    {
      does: 'edits it',
      method: 'PUT',
      path: '/tasks/{id}',
      body: { title: 'Buy milk' },
      reads: { ...task, title: 'Buy milk', completed: false },
    },
    { does: 'completes it', method: 'PATCH', path: '/tasks/{id}/toggle-complete', reads: { ...task, completed: true } },
    {
      does: 'lists it',
      method: 'GET',
      path: '/tasks',
      reads: { length: 1, '0.createdAt': String, '0.userId': '{user}' },
    },
    {
      does: 'shows its first page again',
      method: 'GET',
      path: '/tasks/stats',
      reads: {
        totalTasks: 1,
        completedTasks: 1,
        completionRate: 100,
        'recentActivity.0.id': String,
        'recentActivity.0.title': 'Buy milk',
        'recentActivity.0.completed': true,
        'recentActivity.0.createdAt': String,
        'recentActivity.0.type': 'task',
      },
    },
    { does: 'deletes it', method: 'DELETE', path: '/tasks/{id}' },
    {
      does: 'reads why a title is refused',
      method: 'POST',
      path: '/tasks',
      body: {},
      status: 400,
      reads: { message: String },
    },
  ],
};
