import { describe, expect } from 'vitest';
import { fullStackTodoApp } from '../clients/full-stack-todo-app.ts';
import { hackathonIiTodo } from '../clients/hackathon-ii-todo.ts';
import { hakathoon22 } from '../clients/hakathoon2-2.ts';
import type { Call, OriginalClient } from '../clients/original-client.ts';
import { testAppTodo } from '../clients/test-app-todo.ts';
import { todoFullStackApp } from '../clients/todo-full-stack-app.ts';
import type { Send } from '../support/running-app.ts';
import { SECRET, tokenFor } from '../support/running-app.ts';
import { itWithServer } from '../support/server-fixtures.ts';

const PAGE = 'https://app.example.com';

const CLIENTS: readonly OriginalClient[] = [
  testAppTodo,
  todoFullStackApp,
  hakathoon22,
  fullStackTodoApp,
  hackathonIiTodo,
];

/** Accepts tokens of its own accounts, and those that the Better Auth of a frontend signs. */
const SETTINGS = {
  SIGN_IN: 'on',
  SIGN_IN_SECRET: 'a-secret-for-the-cookies-of-these-tests',
  PUBLIC_URL: 'https://tasks.example.com',
  BETTER_AUTH_SECRET: SECRET,
  CORS_ORIGINS: PAGE,
};

const it = itWithServer();

describe('the original clients', () => {
  it('get every answer that their pages read, each at the place of its contract', async ({ serve }) => {
    const { send } = await serve(SETTINGS);
    for (const client of CLIENTS) await visit(client, send, `/contracts/${client.contract}`, 'ann');
  });

  it.for(CLIENTS.map((client) => [client.source.repository, client] as const))(
    'get every answer that their pages read, with the contract at the root: %s',
    async ([, client], { serve }) => {
      const { send } = await serve({ ...SETTINGS, API_CONTRACT: client.contract });
      await visit(client, send, '', 'bob');
    },
  );
});

/** Replays the calls of a client in their order, as a user whose name no other visit has. */
async function visit(client: OriginalClient, send: Send, place: string, name: string): Promise<void> {
  const user = `${name}-of-${client.contract}`;
  const email = `${name}@${client.contract}.example.com`;
  const kept = new Map<string, unknown>([
    ['email', email],
    ['password', 'correct horse battery staple'],
    ['user', user],
    ['token', tokenFor(user, { email })],
  ]);
  for (const call of client.calls) await replay(call, send, `${place}${client.base}`, kept);
}

/** Sends a call as a page does, with its preflight, and checks what the page reads. */
async function replay(call: Call, send: Send, base: string, kept: Map<string, unknown>): Promise<void> {
  const { does, method, reads = {}, keeps = {} } = call;
  const path = fill(`${base}${call.path}`, kept);
  const preflight = await send('OPTIONS', path, {
    headers: {
      origin: PAGE,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,content-type',
    },
  });
  expect(preflight.headers.get('access-control-allow-methods'), does).toContain(method);
  const answer = await send(method, path, {
    headers: {
      origin: PAGE,
      'content-type': 'application/json',
      ...(!call.isPublic && { authorization: `Bearer ${kept.get('token')}` }),
    },
    ...(call.body && { body: fill(JSON.stringify(call.body), kept) }),
  });
  const status = call.status ?? (answer.status < 300 ? answer.status : '2xx');
  expect(answer.status, `${does}: ${answer.text}`).toBe(status);
  expect(answer.headers.get('access-control-allow-origin'), does).toBe(PAGE);
  for (const [part, wanted] of Object.entries(reads)) {
    const value = typeof wanted === 'string' ? fill(wanted, kept) : wanted;
    const matcher = typeof value === 'function' ? expect.any(value) : value;
    const found = partOf(answer.body, part);
    expect(typeof value === 'string' && typeof found === 'number' ? String(found) : found, `${does}: ${part}`).toEqual(
      matcher,
    );
  }
  for (const [name, part] of Object.entries(keeps)) kept.set(name, partOf(answer.body, part));
}

function fill(text: string, kept: ReadonlyMap<string, unknown>): string {
  return text.replace(/\{(\w+)\}/g, (_, name) => String(kept.get(name)));
}

// biome-ignore lint/suspicious/noExplicitAny: whatever JSON came back
function partOf(body: any, part: string): any {
  return part.split('.').reduce((value, key) => value?.[key], body);
}
