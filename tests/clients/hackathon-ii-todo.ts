import type { OriginalClient } from './original-client.ts';

/** Its own Better Auth signs its users in, so `{user}` and `{token}` are there from the start. */
export const hackathonIiTodo: OriginalClient = {
  source: { repository: 'shazilk-dev/hackathon-II-todo', commit: '2282b6a' },
  contract: '007-fastapi-backend',
  base: '',
  calls: [
    {
      does: 'lists nothing',
      method: 'GET',
      path: '/api/{user}/tasks?status_filter=all',
      reads: { tasks: [], count: 0 },
    },
    {
      does: 'adds a task',
      method: 'POST',
      path: '/api/{user}/tasks',
      body: { title: 'Buy groceries', description: 'Milk' },
      status: 201,
      reads: { id: Number, title: 'Buy groceries', description: 'Milk', completed: false },
      keeps: { id: 'id' },
    },
    {
      does: 'edits its title',
      method: 'PUT',
      path: '/api/{user}/tasks/{id}',
      body: { title: 'Buy milk' },
      reads: { title: 'Buy milk', description: 'Milk' },
    },
    { does: 'completes it', method: 'PATCH', path: '/api/{user}/tasks/{id}/complete', reads: { completed: true } },
    {
      does: 'lists the pending tasks',
      method: 'GET',
      path: '/api/{user}/tasks?status_filter=pending',
      reads: { tasks: [], count: 0 },
    },
    {
      does: 'lists the completed tasks',
      method: 'GET',
      path: '/api/{user}/tasks?status_filter=completed',
      reads: { 'tasks.length': 1, count: 1 },
    },
    {
      does: 'lists the completed tasks, as its older version does',
      method: 'GET',
      path: '/api/{user}/tasks?status=completed',
      reads: { 'tasks.length': 1, count: 1 },
    },
    { does: 'deletes it', method: 'DELETE', path: '/api/{user}/tasks/{id}', status: 200, reads: { message: String } },
    {
      does: 'reads why an empty title is refused',
      method: 'POST',
      path: '/api/{user}/tasks',
      body: { title: '' },
      status: 400,
      reads: { detail: String },
    },
  ],
};
