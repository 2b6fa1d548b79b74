import { expect } from 'vitest';
import { InMemoryTaskRepository } from '../../infrastructure/in-memory/in-memory-task-repository.ts';
import { aUser } from '../conformance/builders.ts';
import { itWithApp } from '../support/app-fixtures.ts';
import { TickingClock } from '../support/ticking-clock.ts';

const it = itWithApp();

it('differ between users whose first task is of the same instant, at one URL', async ({ startApp }) => {
  const now = new TickingClock().now();
  const app = await startApp({ tasks: new InMemoryTaskRepository({ now: () => now }) });
  const lists = '/contracts/1-backend-integration/api/tasks';
  const [ann, bob] = [app.as(aUser()), app.as(aUser())];
  for (const send of [ann, bob]) await send('POST', lists, { body: { title: 'Buy groceries' } });
  const known = (await ann('GET', lists)).headers.get('etag')!;
  expect((await ann('GET', lists, { headers: { 'if-none-match': known } })).status).toBe(304);
  expect((await bob('GET', lists, { headers: { 'if-none-match': known } })).status).toBe(200);
});
