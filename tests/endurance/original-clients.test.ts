import { describe, expect } from 'vitest';
import { ORIGINAL_CLIENTS } from '../clients/original-clients.ts';
import { SETTINGS_FOR_CLIENTS, type SendCall, visit } from '../support/replay.ts';
import type { Send } from '../support/running-app.ts';
import { itWithServer } from '../support/server-fixtures.ts';

const PAGE = 'https://app.example.com';
const SETTINGS = { ...SETTINGS_FOR_CLIENTS, CORS_ORIGINS: PAGE };

const it = itWithServer();

describe('the original clients', () => {
  it('get every answer that their pages read, each at the place of its contract', async ({ serve }) => {
    const { send } = await serve(SETTINGS);
    for (const client of ORIGINAL_CLIENTS) {
      await visit(client, sendAsPage(send), `/contracts/${client.contract}`, 'ann');
    }
  });

  it.for(ORIGINAL_CLIENTS.map((client) => [client.source.repository, client] as const))(
    'get every answer that their pages read, with the contract at the root: %s',
    async ([, client], { serve }) => {
      const { send } = await serve({ ...SETTINGS, API_CONTRACT: client.contract });
      await visit(client, sendAsPage(send), '', 'bob');
    },
  );
});

/** Sends a call after its preflight, as the browser does for a page of another origin. */
function sendAsPage(send: Send): SendCall {
  return async ({ method, path, headers, body }) => {
    const preflight = await send('OPTIONS', path, {
      headers: {
        origin: PAGE,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect(preflight.headers.get('access-control-allow-methods'), path).toContain(method);
    const answer = await send(method, path, { headers: { origin: PAGE, ...headers }, body });
    expect(answer.headers.get('access-control-allow-origin'), path).toBe(PAGE);
    return answer;
  };
}
