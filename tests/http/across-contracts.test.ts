import { describe, expect } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';
import { FRONTENDS, type Frontend, tasksPath } from '../support/frontends.ts';

const it = itWithApp();

describe('one task under all contracts', () => {
  const at = (frontend: Frontend, user: string) => `/contracts/${frontend.name}${tasksPath(frontend, user)}`;

  /** What two frontends show of the same task, apart from its ids and the name of its completion. */
  const same = (frontend: Frontend, task: Record<string, unknown>) => {
    const { user_id, title, description, created_at, updated_at } = task;
    return { user_id, title, description, created_at, updated_at, completed: task[frontend.completed] };
  };

  describe.each(FRONTENDS)('created under $name', (maker) => {
    it.for(FRONTENDS)('is read, changed, toggled and deleted under $name', async (reader, { user, send }) => {
      const [theirs, ours] = [at(maker, user), at(reader, user)];
      const title = '🛒'.repeat(maker.limits.title);
      const description = 'x'.repeat(maker.limits.description);
      const made = maker.taskIn((await send('POST', theirs, { body: { title, description } })).body);
      const [seen] = reader.tasksIn((await send('GET', ours)).body);
      expect(same(reader, seen)).toEqual(same(maker, made));
      const one = `${ours}/${seen.id}`;
      expect(reader.taskIn((await send('GET', one)).body)).toEqual(seen);

      for (const toggle of reader.toggles.slice(0, 1)) {
        expect(reader.taskIn((await send('PATCH', `${one}/${toggle}`)).body)).toMatchObject({
          id: seen.id,
          title,
          [reader.completed]: true,
        });
        await send('PATCH', `${one}/${toggle}`);
      }
      const changed = reader.taskIn((await send('PUT', one, { body: reader.put('Buy milk') })).body);
      const again = maker.taskIn((await send('GET', `${theirs}/${made.id}`)).body);
      expect(again.id).toBe(made.id);
      expect(same(maker, again)).toEqual(same(reader, changed));
      expect(again.title).toBe('Buy milk');

      expect((await send('DELETE', one)).status).toBe(reader.deleted.status);
      expect((await send('GET', `${theirs}/${made.id}`)).status).toBe(404);
    });
  });
});
