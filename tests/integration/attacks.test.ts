import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ATTACKERS, type Attack, type Means, now } from '../support/attacks/attack.ts';
import { ATTACKS_ON_THE_ALGORITHM } from '../support/attacks/on-the-algorithm.ts';
import { ATTACKS_ON_THE_ADDRESSEE, ATTACKS_ON_THE_CLAIMS } from '../support/attacks/on-the-claims.ts';
import { ATTACKS_ON_THE_FORM } from '../support/attacks/on-the-form.ts';
import { ATTACKS_ON_THE_HEADER } from '../support/attacks/on-the-header.ts';
import { ATTACKS_ON_THE_KEY } from '../support/attacks/on-the-key.ts';
import { type FrontendServer, serveFrontend } from '../support/better-auth-server.ts';
import { FRONTENDS } from '../support/frontends.ts';
import { SECRET } from '../support/running-app.ts';
import { type Serving, serving } from '../support/serving.ts';
import { jws, keyPair, type Signer, secretSigner } from '../support/signer.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

/** Where the frontend is in the browser's eyes: the issuer and the audience of its tokens. */
const ORIGIN = 'http://app.example.com';

const shared = secretSigner(SECRET);
const published = [keyPair('EdDSA', 'key-1'), keyPair('ES256', 'key-2'), keyPair('RS256', 'key-3')] as const;
const JWKS = JSON.stringify({ keys: published.map(({ jwk }) => jwk) });
const claims = () => ({ sub: 'ann', email: 'ann@example.com', iat: now(), exp: now() + 900, iss: ORIGIN, aud: ORIGIN });

/** All that reached the attacker's server: its keys are there for whoever asks. */
const fetched: string[] = [];
let attacker: FrontendServer;
/** When somebody looked at the published keys, in milliseconds. */
const looks: number[] = [];
let publisher: FrontendServer;
let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  attacker = await serveFrontend(async () => async ({ url }) => {
    fetched.push(url);
    return Response.json({ keys: ATTACKERS.map(({ jwk }) => jwk) });
  });
  publisher = await serveFrontend(async () => async () => {
    looks.push(performance.now());
    return new Response(JWKS);
  });
});
afterAll(async () => {
  await attacker.close();
  await publisher.close();
  await test.drop();
  // One look to begin with, and for keys that are not there, however many of them: one in two seconds (seen from here).
  const seeks = looks.slice(1);
  const pauses = seeks.slice(1).map((at, i) => at - seeks[i]!);
  expect(seeks.length).toBeGreaterThan(0);
  expect(Math.min(...pauses)).toBeGreaterThan(1_500);
});

const CONFIGURATIONS = [
  { name: 'a shared secret', honest: [shared], settings: () => ({ BETTER_AUTH_SECRET: SECRET }) },
  { name: 'a key set', honest: published, settings: () => ({ BETTER_AUTH_URL: ORIGIN, JWKS_URL: publisher.url }) },
  {
    name: 'both',
    honest: [shared, ...published],
    settings: () => ({ BETTER_AUTH_SECRET: SECRET, BETTER_AUTH_URL: ORIGIN, JWKS }),
  },
] as const;

describe.each(CONFIGURATIONS)('a server that believes $name', ({ honest, settings }) => {
  let api: Serving;
  const agent = new Agent({ keepAlive: true });
  const tokens: string[] = [];
  beforeAll(async () => {
    api = await serving({ DATABASE_URL: test.url, RATE_LIMIT: 'off', ...settings() });
  });
  afterAll(async () => {
    agent.destroy();
    await api.stop();
    const log = api.log();
    for (const part of tokens.flatMap((token) => token.split(/[^\w-]/)).filter((part) => part.length > 16)) {
      if (log.includes(part)) expect.fail(`the log has a part of a token in it: ${part}`);
    }
    expect(/eyJ|ann@example/.exec(log)).toBeNull();
    expect(fetched).toEqual([]);
  });

  const meansOf = (signer: Signer): Means => ({
    honest: signer,
    claims,
    published,
    secret: SECRET,
    attackerUrl: attacker.url,
  });

  /** Whether somebody who signs honestly is let in. */
  async function letsIn(signer: Signer): Promise<boolean> {
    const token = jws(signer.header, claims(), signer.sign);
    return (await get('/api/ann/tasks', ['Authorization', `Bearer ${token}`])).status === 200;
  }

  /** Sends header lines as they are. */
  function get(path: string, headers: readonly string[]): Promise<Refusal> {
    return new Promise((resolve, reject) => {
      const lines = ['Host', 'taskwell', 'X-Request-Id', 'attack', ...headers];
      request(`${api.url}${path}`, { agent, headers: lines }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => {
          resolve({ status: response.statusCode, headers: response.headers, body });
        });
      })
        .on('error', reject)
        .end();
    });
  }

  async function expectRefused(token: string): Promise<void> {
    tokens.push(token);
    const answer = await get('/api/ann/tasks', ['Authorization', `Bearer ${token}`]);
    expect(shapeOf(answer)).toEqual(REFUSED);
    const answered = JSON.stringify(answer);
    for (const part of token.split('.').filter((part) => part.length > 8)) expect(answered).not.toContain(part);
    expect(answered).not.toContain('ann@example.com');
  }

  it.each([...honest])('lets in who signs honestly: $algorithm', async (signer) => {
    expect(await letsIn(signer)).toBe(true);
  });

  describe.each<[string, readonly Attack[]]>([
    ['the algorithm', ATTACKS_ON_THE_ALGORITHM],
    ['the key', ATTACKS_ON_THE_KEY],
    ['the claims', ATTACKS_ON_THE_CLAIMS],
    ['the form', ATTACKS_ON_THE_FORM],
  ])('refuses an attack on %s, and lives', (_, attacks) => {
    it.each(attacks)('%s', async (_, attack) => {
      for (const signer of honest) {
        const token = attack(meansOf(signer));
        if (token !== undefined) await expectRefused(token);
      }
      expect(await letsIn(honest[0])).toBe(true);
    });
  });

  it.each([...honest])('knows no other user than the one whom $algorithm names last', async ({ header, sign }) => {
    const statuses = async (claims: string, sentHeader: unknown = header) => {
      const headers = ['Authorization', `Bearer ${jws(sentHeader, claims, sign)}`];
      return [(await get('/api/ann/tasks', headers)).status, (await get('/api/bob/tasks', headers)).status];
    };
    const ofAnn = JSON.stringify(claims());
    for (const name of ['sub', 's\\u0075b']) {
      expect(await statuses(ofAnn.replace(/}$/, `,"${name}":"bob"}`))).toEqual([403, 200]);
      expect(await statuses(ofAnn.replace(/^{/, `{"${name}":"bob",`))).toEqual([200, 403]);
    }
    expect(await statuses(ofAnn.replace(/}$/, ',"exp":1}'))).toEqual([401, 401]);
    expect(await statuses(ofAnn, JSON.stringify(header).replace(/^{/, '{"alg":"none",'))).toEqual([200, 403]);
  });

  const keys = honest.filter((signer) => signer !== shared);
  if (keys.length > 0) {
    describe('refuses a key for a token that is meant for others, and lives', () => {
      it.each(ATTACKS_ON_THE_ADDRESSEE)('%s', async (_, attack) => {
        for (const signer of keys) await expectRefused(attack(meansOf(signer)) ?? '');
        expect(await letsIn(honest[0])).toBe(true);
      });
    });
  }

  describe('refuses a good token that comes in the wrong way', () => {
    it.each(ATTACKS_ON_THE_HEADER)('%s', async (_, headers) => {
      for (const signer of honest) {
        const { status, body } = await get('/api/ann/tasks', headers(jws(signer.header, claims(), signer.sign)));
        expect({ status, body: JSON.parse(body) }).toEqual({
          status: 401,
          body: { error: 'unauthorized', detail: expect.any(String) },
        });
      }
    });

    it.each(['access_token', 'token', 'authorization', 'jwt'])('in the query as %s', async (name) => {
      const [signer] = honest;
      const token = jws(signer.header, claims(), signer.sign);
      expect((await get(`/api/ann/tasks?${name}=${token}`, [])).status).toBe(401);
    });
  });

  it.each(FRONTENDS)('says so in the shape of $name', async ({ name, userInPath, error }) => {
    const path = `/contracts/${name}/api/${userInPath ? 'ann/' : ''}tasks`;
    for (const [, attack] of [...ATTACKS_ON_THE_ALGORITHM.slice(0, 3), ...ATTACKS_ON_THE_FORM.slice(0, 3)]) {
      const { status, headers, body } = await get(path, ['Authorization', `Bearer ${attack(meansOf(honest[0]))}`]);
      const [detail, at] = [expect.any(String), expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)];
      expect({ status, body: JSON.parse(body) }).toEqual({
        status: 401,
        body: error({ status: 401, category: 'unauthorized', detail, at }),
      });
      expect(headers['www-authenticate']).toMatch(/^Bearer error="invalid_token", error_description="[^"]+"$/);
    }
  });
});

interface Refusal {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What every refusal has in common: whoever tries learns from none of them more than its one sentence says. */
const REFUSED = {
  status: 401,
  body: ['error: unauthorized', 'detail: a sentence'],
  authenticate: true,
  headers: [
    ...['cache-control', 'connection', 'content-length', 'content-security-policy', 'content-type'],
    ...['cross-origin-resource-policy', 'date', 'keep-alive', 'referrer-policy', 'vary', 'www-authenticate'],
    ...['x-content-type-options', 'x-frame-options', 'x-request-id'],
  ],
};

function shapeOf({ status, headers, body }: Refusal): typeof REFUSED {
  const fields = Object.entries(JSON.parse(body)).map(([key, value]) =>
    key === 'detail' && typeof value === 'string' && value.length > 10 ? 'detail: a sentence' : `${key}: ${value}`,
  );
  const { detail } = JSON.parse(body);
  const authenticate = headers['www-authenticate'] === `Bearer error="invalid_token", error_description="${detail}"`;
  return { status: status ?? 0, body: fields, authenticate, headers: Object.keys(headers).sort() };
}
