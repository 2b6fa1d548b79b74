import { describe, expect } from 'vitest';
import type { OwnedTasks } from '../../application/ports/task-repository.ts';
import { ADMISSION_LIMITS } from '../../interfaces/http/pipeline/admission.ts';
import { checked, PLACES } from '../support/contract-places.ts';
import { PAGE } from '../support/running-app.ts';

const OVERLOADED = 'The server is overloaded at the moment, try again';

describe.each(PLACES.map((place) => ({ ...place, name: place.frontend.name })))(
  'an overloaded server, at $prefix of $atRoot,',
  ({ it, prefix, atRoot, requests, tasksOf, absent, error }) => {
    it('refuses requests in the shape of the contract, with Retry-After, but no probe', async ({ startApp }) => {
      const eventLoop = { currentMs: 0 };
      const app = await checked(await startApp({ contract: atRoot, eventLoop }), prefix);
      for (const [method, path, options] of requests(tasksOf('u'), absent)) {
        eventLoop.currentMs = ADMISSION_LIMITS.eventLoopDelayMs + 1;
        const refused = await app.as('u')(method, path, { ...options, headers: { origin: PAGE } });
        expect(refused).toMatchObject(error(503, 'service_unavailable', OVERLOADED));
        expect(refused.headers.get('retry-after')).toBe('1');
        expect(refused.headers.get('access-control-allow-origin')).toBe(PAGE);
        for (const probe of ['/health', '/ready']) {
          expect((await app.send('GET', `${prefix}${probe}`)).status).toBe(200);
        }
        eventLoop.currentMs = ADMISSION_LIMITS.eventLoopDelayMs;
        expect((await app.as('u')(method, path, options)).status).not.toBe(503);
      }
      const overloads = app.logged.filter((line) => line.includes('"msg":"overloaded"'));
      expect(overloads).toHaveLength(1);
      expect(app.logged.filter((line) => line.includes('"msg":"service_unavailable"'))).toEqual([]);
    });
  },
);

const [{ it } = { it: undefined }] = PLACES;

describe('the number of requests under way', () => {
  it!('is bounded, and the next one is admitted when one ends', async ({ startApp }) => {
    const held: (() => void)[] = [];
    const owned = {
      async *list() {
        await new Promise<void>((resolve) => held.push(resolve));
        yield { tasks: [], isLast: true };
      },
    } as Partial<OwnedTasks> as OwnedTasks;
    const app = await startApp({
      contract: '1-backend-integration',
      tasks: { ownedBy: () => owned },
      admissionLimits: { ...ADMISSION_LIMITS, inFlight: 3 },
    });
    const send = app.as('u');
    const first = [1, 2, 3].map(() => send('GET', '/api/tasks'));
    await expect.poll(() => held.length).toBe(3);
    expect(await send('GET', '/api/tasks')).toMatchObject({ status: 503, body: { detail: OVERLOADED } });
    held.shift()?.();
    expect((await Promise.race(first)).status).toBe(200);
    const next = send('GET', '/api/tasks');
    await expect.poll(() => held.length).toBe(3);
    for (const release of held) release();
    expect((await next).status).toBe(200);
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});
