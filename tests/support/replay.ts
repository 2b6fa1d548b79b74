import { expect } from 'vitest';
import type { Call, OriginalClient } from '../clients/original-client.ts';
import { SECRET, tokenFor } from './running-app.ts';

/** The settings of a server for all original clients: with accounts, and with the secret of the client that has its own. */
export const SETTINGS_FOR_CLIENTS = {
  SIGN_IN: 'on',
  SIGN_IN_SECRET: 'a-secret-for-the-cookies-of-these-tests',
  PUBLIC_URL: 'https://tasks.example.com',
  BETTER_AUTH_SECRET: SECRET,
};

/** A call as it goes over the wire. */
export interface SentCall {
  readonly method: Call['method'];
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string | undefined;
}

/** Sends a call. The result has the JSON of the response, if it has a body. */
export type SendCall = (call: SentCall) => Promise<{ readonly status: number; readonly body: unknown }>;

/**
 * Replays the calls of a client in their order, and checks what its pages read.
 *
 * @param place the path at which the contract of the client answers
 * @param name names a user whom no other visit has
 */
export async function visit(client: OriginalClient, send: SendCall, place: string, name: string): Promise<void> {
  const user = `${name}-of-${client.contract}`;
  const email = `${name}@${client.contract}.example.com`;
  const exp = Math.floor(Date.now() / 1_000) + SEVEN_DAYS_S;
  const kept = new Map<string, unknown>([
    ['email', email],
    ['password', 'correct horse battery staple'],
    ['user', user],
    ['token', tokenFor(user, { email, exp })],
  ]);
  for (const call of client.calls) await replay(call, send, `${place}${client.base}`, kept);
}

const SEVEN_DAYS_S = 7 * 24 * 60 * 60;

async function replay(call: Call, send: SendCall, base: string, kept: Map<string, unknown>): Promise<void> {
  const { does, method, reads = {}, keeps = {} } = call;
  const answer = await send({
    method,
    path: fill(`${base}${call.path}`, kept),
    headers: {
      'content-type': 'application/json',
      ...(!call.isPublic && { authorization: `Bearer ${kept.get('token')}` }),
    },
    body: call.body && fill(JSON.stringify(call.body), kept),
  });
  const status = call.status ?? (answer.status < 300 ? answer.status : '2xx');
  expect(answer.status, `${does}: ${JSON.stringify(answer.body)}`).toBe(status);
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
