import { once } from 'node:events';
import { get } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import * as v from 'valibot';
import { describe, expect } from 'vitest';
import { Unavailable } from '../../application/application-errors.ts';
import type { Contract } from '../../interfaces/http/contracts/contract.ts';
import { CONTRACTS } from '../../interfaces/http/contracts/contracts.ts';
import { endpoint } from '../../interfaces/http/contracts/endpoint.ts';
import { ok } from '../../interfaces/http/contracts/http-response.ts';
import { fields } from '../../interfaces/http/contracts/validation.ts';
import { itWithApp } from '../support/app-fixtures.ts';
import { PAGE, tokenFor } from '../support/running-app.ts';

/** Fails before its first row or some time after it, or ends without one. */
async function* rows(until: string) {
  if (until === 'empty') return;
  if (until === 'row') {
    yield Buffer.from('1,Buy groceries\n');
    await setTimeout(100);
  }
  throw new Unavailable('The database is out of reach', 2);
}

const exportTasks = endpoint({
  method: 'GET',
  path: '/api/tasks/export/:kind/:until',
  input: { path: fields({ kind: v.picklist(['node', 'web']), until: v.string() }) },
  run: async (_useCases, _owner, { path }) => path,
  responses: { 200: { description: 'The tasks as CSV', contentType: 'text/csv', example: '1,Buy groceries\n' } },
  respond: ({ kind, until }) => {
    const stream = Readable.from(rows(until));
    const headers = { 'Content-Type': 'text/csv', 'Content-Disposition': 'attachment' };
    return ok(kind === 'node' ? stream : Readable.toWeb(stream), headers);
  },
  operationId: 'exportTasks',
  summary: 'Export tasks',
  description: 'Every task as CSV.',
});

const [first] = CONTRACTS;
const contract: Contract = { ...first!, name: 'streaming', endpoints: [exportTasks] };
const it = itWithApp({ contract: contract.name, contracts: [contract] });

describe.each(['node', 'web'])('a response with a %s stream', (kind) => {
  it('is an error response if the stream fails before its first data', async ({ app, send }) => {
    const answer = await send('GET', `/api/tasks/export/${kind}/start`, { headers: { origin: PAGE } });
    expect(answer).toMatchObject({
      status: 503,
      body: { error: 'service_unavailable', detail: 'The database is out of reach' },
    });
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(answer.headers.has('content-disposition')).toBe(false);
    expect((await app.send('GET', '/health')).status).toBe(200);
  });

  it('is cut off if the stream fails later, so that the client does not take it for complete', async ({
    app,
    user,
  }) => {
    const headers = { authorization: `Bearer ${tokenFor(user)}` };
    const [response] = await once(get(`${app.url}/api/tasks/export/${kind}/row`, { headers }), 'response');
    let received = '';
    const reading = (async () => {
      for await (const chunk of response) received += chunk;
    })();
    await expect(reading).rejects.toThrow('aborted');
    expect({ status: response.statusCode, received }).toEqual({ status: 200, received: '1,Buy groceries\n' });
    await expect.poll(() => app.logged.some((line) => line.includes('out of reach'))).toBe(true);
  });

  it('may be empty', async ({ send }) => {
    const { status, headers, text } = await send('GET', `/api/tasks/export/${kind}/empty`);
    expect({ status, text, type: headers.get('content-type') }).toEqual({ status: 200, text: '', type: 'text/csv' });
  });
});
