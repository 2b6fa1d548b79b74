import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { CONTRACT_NAMES } from '../../interfaces/http/contracts/contracts.ts';
import { aUser } from '../conformance/builders.ts';
import { itWithApp } from '../support/app-fixtures.ts';
import { FRONTENDS } from '../support/frontends.ts';
import { type Answer, type RunningApp, SECRET, tokenFor } from '../support/running-app.ts';

const REQUESTS = 10_000;
const RAW_CONNECTIONS = 1_000;
const CANARY = 'canary of another user';
const SEED = randomInt(2 ** 31);

const it = itWithApp();

/** Parts of paths that a router, a proxy or a parser may take for something else. */
const segment = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('api', 'tasks', 'contracts', 'complete', 'toggle', 'health', 'ready', 'docs'),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom('VICTIM', 'ATTACKER', '1', '0', '-1', '1e3', '9007199254740993', 'VICTIMS-ID'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('..', '.', '%2e%2e', '%2f', '%5c', '%00', '%ff', '%', '%2', '1%2f..%2f2', '1;a=b', ''),
  },
  { weight: 1, arbitrary: fc.constantFrom(...CONTRACT_NAMES) },
  { weight: 1, arbitrary: fc.string({ maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())) },
);
/** Mostly paths of tasks, so that the requests get past the router. */
const path = fc.oneof(
  fc.array(segment, { maxLength: 7 }).map((segments) => `/${segments.join('/')}`),
  fc
    .tuple(
      fc.constantFrom('', ...CONTRACT_NAMES.map((name) => `/contracts/${name}`)),
      fc.array(segment, { maxLength: 3 }),
    )
    .map(([prefix, segments]) => [`${prefix}/api/tasks`, ...segments].join('/')),
  fc
    .tuple(
      fc.constantFrom('', ...CONTRACT_NAMES.map((name) => `/contracts/${name}`)),
      fc.constantFrom('VICTIM', 'ATTACKER'),
      fc.array(segment, { maxLength: 3 }),
    )
    .map(([prefix, user, segments]) => [`${prefix}/api/${user}/tasks`, ...segments].join('/')),
);
const query = fc.oneof(
  fc.constant(''),
  fc
    .array(fc.tuple(fc.constantFrom('status', 'sort', 'status_filter', 'user_id', '__proto__', 'x'), fc.string()), {
      maxLength: 3,
    })
    .map(
      (pairs) => `?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`).join('&')}`,
    ),
  fc.constantFrom('?', '?&&', '?%', '?%ff=%00', '?status=all&status=pending', '?status[]=all'),
);
const headers = fc.record(
  {
    authorization: fc.constantFrom('OWN', 'OWN', 'OWN', 'Bearer', 'Bearer a.b.c', 'Basic eDp5', 'NONE', 'FORGED'),
    'content-type': fc.constantFrom(
      'application/json',
      'Application/JSON;charset=UTF-8',
      'text/plain',
      ';',
      'application/',
    ),
    'content-encoding': fc.constantFrom('identity', 'gzip', 'deflate', 'br', 'GZIP, gzip', 'x'),
    'x-request-id': fc.stringMatching(/^[ -~]{0,200}$/),
    'x-forwarded-for': fc.constantFrom('::1', '1.2.3.4, x', 'unknown', '[', '999.1.1.1'),
    'if-none-match': fc.constantFrom('*', '"x"', 'W/"'),
    accept: fc.constantFrom('text/html', '*/*;q=0', 'q=,;', 'application/json'),
    origin: fc.constantFrom('null', 'http://localhost:3000', 'https://evil.example'),
    range: fc.constantFrom('bytes=0-', 'bytes=-', 'x'),
  },
  { requiredKeys: ['authorization'] },
);
const field = fc.oneof(fc.string({ maxLength: 30 }), fc.constant(null), fc.boolean(), fc.double(), fc.constant({}));
const body = fc.oneof(
  fc.constant(undefined),
  fc
    .record(
      {
        title: field,
        description: field,
        completed: field,
        is_completed: field,
        user_id: fc.constant('VICTIM'),
        id: field,
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
  fc.json({ maxDepth: 3 }),
  fc.string({ maxLength: 50 }),
  fc.constantFrom('{"__proto__":{"x":1}}', '{"title":"\\u0000"}', '{"title":"\\ud800"}', '[[[[', '{"title":1e999}'),
);
const request = fc.record({
  method: fc.constantFrom(
    'GET',
    'GET',
    'POST',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'HEAD',
    'PROPFIND',
    'TRACE',
  ),
  path,
  query,
  headers,
  body,
});

/** A victim with tasks, in an app without limits. */
async function withVictim(app: RunningApp) {
  const [victim, attacker] = [aUser('victim'), aUser('attacker')];
  const tasks = `/contracts/003-backend-api/api/${victim}/tasks`;
  const own = app.as(victim);
  const { body: canary } = await own('POST', tasks, { body: { title: CANARY, description: CANARY } });
  await own('POST', tasks, { body: { title: `${CANARY}, the second` } });
  const before = (await own('GET', tasks)).text;
  const named = (text: string) =>
    text.replaceAll('VICTIMS-ID', canary.id).replaceAll('VICTIM', victim).replaceAll('ATTACKER', attacker);
  return {
    attacker,
    named,
    /** Throws if the victim's tasks changed. */
    check: async () => expect((await own('GET', tasks)).text).toBe(before),
  };
}

/** Below them, every error is JSON. Elsewhere, browsers get a page that says that there is none. */
const API_PATHS = new RegExp(
  `^((/contracts/(${CONTRACT_NAMES.join('|')}))?/api|/contracts/001-todo-web-app/tasks)(/|$)`,
);

function checkAnswer(
  { status, headers, text, body }: Pick<Answer, 'status' | 'headers' | 'text' | 'body'>,
  path: string,
  accepted: string | undefined,
) {
  expect(status).toBeLessThan(500);
  expect(text).not.toContain(CANARY);
  if (status < 400 || text === '') return;
  // As the client sends it: without dot segments.
  const { pathname } = new URL(`http://localhost${path}`);
  const isOfApi = API_PATHS.test(pathname);
  if (status === 404 && !isOfApi && accepted === 'text/html') return;
  expect(headers.get('content-type')).toMatch(/^application\/json/);
  const name = /^\/contracts\/([^/]+)/.exec(pathname)?.[1] ?? '007-fastapi-backend';
  const frontend = FRONTENDS.find((frontend) => frontend.name === name) ?? FRONTENDS[0]!;
  const any = expect.anything();
  const keys = Object.keys(frontend.error({ status, category: 'x', detail: any, at: any, details: {} }) as object);
  expect(Object.keys(body).sort()).toEqual(keys.sort());
}

describe(`requests of any form (seed ${SEED})`, () => {
  it(`get no 5xx, an error in the contract's shape, and nothing of another user`, async ({ app }) => {
    const { attacker, named, check } = await withVictim(app);
    const property = fc.asyncProperty(request, async ({ method, path, query, headers, body }) => {
      const given = {
        OWN: `Bearer ${tokenFor(attacker)}`,
        FORGED: `Bearer ${tokenFor(attacker, {}, { algorithm: 'HS512' })}`,
      };
      const { authorization, ...others } = headers;
      const sent = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
      const target = named(path + query);
      const answer = await app.send(method, target, {
        headers: {
          ...sent,
          ...(authorization !== 'NONE' && {
            authorization: given[authorization as keyof typeof given] ?? authorization,
          }),
        },
        body: method === 'GET' || method === 'HEAD' || body === undefined ? undefined : named(body),
      });
      checkAnswer(answer, target, headers.accept);
    });
    await fc.assert(property, { numRuns: REQUESTS, seed: SEED });
    await check();
  }, 300_000);
});

const lineEnd = fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r', '\r\n ', '\0\r\n');
const rawTarget = fc.oneof(
  fc.constantFrom('/health', '/api/VICTIM/tasks', '/api/ATTACKER/tasks', '/api/ATTACKER/tasks/VICTIMS-ID', '*', ''),
  fc.constantFrom('http://evil.example/api/VICTIM/tasks', 'http://[::1/x', 'https://', '//api/VICTIM/tasks', 'x:y'),
  fc.constantFrom('/api/ATTACKER/../VICTIM/tasks', '/api/ATTACKER%2f..%2fVICTIM/tasks', '/api/%2e%2e/VICTIM/tasks'),
  fc.constantFrom('/api/VICTIM%00/tasks', '/api/ATTACKER/tasks/1%2f..%2f2', '/a b', '/\u00e9', '/?#x'),
);
const rawHeader = fc.oneof(
  fc.constantFrom(
    'Host: x',
    'Host: x',
    'Host:',
    'Host: x, y',
    'Connection: close',
    'Connection: upgrade',
    'Upgrade: h2c',
  ),
  fc.constantFrom(
    'Content-Length: 13',
    'Content-Length: 13',
    'Content-Length: 5',
    'Content-Length: +13',
    'Content-Length: -1',
  ),
  fc.constantFrom('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked, identity', 'Transfer-Encoding : chunked'),
  fc.constantFrom(
    'Expect: 100-continue',
    'Expect: wonders',
    ' folded: x',
    'X: a\r\n b',
    ': x',
    'X',
    'X\0: y',
    'X: \x01',
  ),
  fc.constantFrom('Authorization: OWN', 'Authorization: OWN', 'Content-Type: application/json', 'TE: trailers'),
);
const rawRequest = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'POST', 'get', 'PUT', 'CONNECT', 'G\0T', ''),
    target: rawTarget,
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/1.', 'X'),
    headers: fc.array(rawHeader, { maxLength: 6 }),
    body: fc.constantFrom(
      '',
      '{"title":"x"}',
      'd\r\n{"title":"x"}\r\n0\r\n\r\n',
      'ffffffffffffffff\r\nx',
      '0\r\n',
      'GET /api/VICTIM/tasks HTTP/1.1\r\n',
    ),
    end: lineEnd,
  })
  .map(({ method, target, version, headers, body, end }) =>
    [`${method} ${target} ${version}`, ...headers, '', body].join(end),
  );

/** Sends bytes, says that no more follow, and returns all that comes back. */
async function exchange(url: string, bytes: string): Promise<string> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.end(bytes, 'latin1');
  socket.on('end', () => socket.destroy());
  await once(socket, 'close');
  return text;
}

describe(`bytes of any form (seed ${SEED})`, () => {
  it('get no 5xx and nothing of another user, and end the connection', async ({ startApp }) => {
    const app = await startApp({ httpLimits: { stallTimeoutMs: 1_000, checkIntervalMs: 100 } });
    const { attacker, named, check } = await withVictim(app);
    const token = `Bearer ${tokenFor(attacker)}`;
    const property = fc.asyncProperty(fc.array(rawRequest, { minLength: 1, maxLength: 3 }), async (requests) => {
      const text = await exchange(app.url, named(requests.join('')).replaceAll('OWN', token));
      expect(text).not.toMatch(/HTTP\/1\.1 5\d\d /);
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain(SECRET);
      if (text !== '') expect(text).toMatch(/^HTTP\/1\.1 [1-4]\d\d /);
    });
    await fc.assert(property, { numRuns: RAW_CONNECTIONS, seed: SEED });
    await check();
    expect(app.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
