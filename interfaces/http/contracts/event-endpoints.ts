import { TooManyStreams } from '../errors/http-errors.ts';
import type { Contract } from './contract.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { EventStream, positionEvent } from './event-stream.ts';
import { ok } from './http-response.ts';

/** It precedes the endpoints of one task: their ids stand in the same place of the path. */
export function watchTasks({ path }: Pick<Contract, 'path'>): Endpoint {
  return endpoint({
    method: 'GET',
    path: `${path}/events`,
    input: {},
    run: async (useCases, owner, _, expiresAtMs) => {
      const watch = await useCases.watchTasks.execute({ owner, expiresAtMs });
      if (watch === 'refused') throw new TooManyStreams();
      return watch;
    },
    responses: {
      200: { description: 'Events until the token expires', contentType: EVENTS, example: positionEvent(42) },
    },
    refusals: ['TooManyStreams'],
    respond: (watch) => ok(new EventStream(watch), { 'Content-Type': EVENTS, 'X-Accel-Buffering': 'no' }),
    operationId: 'watchTasks',
    summary: 'Learn at once that something changed',
    description:
      'Streams Server-Sent Events. The first `position` event comes at once, and another one about half a second after a change. Then read what changed. Several changes can be one event. The stream ends when the token expires or the server stops: open it again.',
  });
}

const EVENTS = 'text/event-stream';
