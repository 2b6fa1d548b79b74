import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect } from 'vitest';
import { ATTACKERS, type Attack, type Means, now } from '../support/attacks/attack.ts';
import { ATTACKS_ON_THE_ALGORITHM } from '../support/attacks/on-the-algorithm.ts';
import { ATTACKS_ON_THE_ADDRESSEE, ATTACKS_ON_THE_CLAIMS } from '../support/attacks/on-the-claims.ts';
import { ATTACKS_ON_THE_FORM } from '../support/attacks/on-the-form.ts';
import { ATTACKS_ON_THE_HEADER } from '../support/attacks/on-the-header.ts';
import { ATTACKS_ON_THE_KEY } from '../support/attacks/on-the-key.ts';
import { serveFrontend } from '../support/better-auth-server.ts';
import { itWithDatabase } from '../support/database-fixtures.ts';
import { FRONTENDS, tasksPath } from '../support/frontends.ts';
import { SECRET } from '../support/running-app.ts';
import { serving } from '../support/serving.ts';
import { jws, keyPair, type Signer, secretSigner } from '../support/signer.ts';

/** The origin of the frontend in the browser: the issuer and the audience of its tokens. */
const ORIGIN = 'http://app.example.com';

const shared = secretSigner(SECRET);
const published = [keyPair('EdDSA', 'key-1'), keyPair('ES256', 'key-2'), keyPair('RS256', 'key-3')] as const;
const JWKS = JSON.stringify({ keys: published.map(({ jwk }) => jwk) });
const claims = () => ({ sub: 'ann', email: 'ann@example.com', iat: now(), exp: now() + 900, iss: ORIGIN, aud: ORIGIN });

const CONFIGURATIONS = [
  { name: 'a shared secret', honest: [shared], settings: () => ({ BETTER_AUTH_SECRET: SECRET }) },
  {
    name: 'a key set',
    honest: published,
    settings: (jwksUrl: string) => ({ BETTER_AUTH_URL: ORIGIN, JWKS_URL: jwksUrl }),
  },
  {
    name: 'both',
    honest: [shared, ...published],
    settings: () => ({ BETTER_AUTH_SECRET: SECRET, BETTER_AUTH_URL: ORIGIN, JWKS }),
  },
] as const;

type Configuration = (typeof CONFIGURATIONS)[number];

interface Refusal {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/**
 * `it` for a server with one of the configurations, with these fixtures:
 *
 * - `means`: what an attacker has against a signer
 * - `get`: sends header lines as they are
 * - `admits`: whether the server admits a user whose token a signer signs honestly
 * - `expectRefused`: sends a token, and expects a refusal that says no more than its one sentence
 *
 * After the tests, the log of the server must hold no part of a token, nobody may have asked the attacker for a key, and
 * the server must have asked for its key set no more often than its limit allows.
 */
function itWithConfiguration({ name, settings }: Configuration) {
  return itWithDatabase()
    .extend('configuration', { scope: 'file' }, { name, settings })
    .extend('attacker', { scope: 'file' }, async ({ configuration: _ }, { onCleanup }) => {
      const fetched: string[] = [];
      const { url, close } = await serveFrontend(async () => async ({ url }) => {
        fetched.push(url);
        return Response.json({ keys: ATTACKERS.map(({ jwk }) => jwk) });
      });
      onCleanup(async () => {
        await close();
        expect(fetched).toEqual([]);
      });
      return { url };
    })
    .extend('publisher', { scope: 'file' }, async ({ configuration }, { onCleanup }) => {
      const requestedAt: number[] = [];
      const { url, close } = await serveFrontend(async () => async () => {
        requestedAt.push(performance.now());
        return new Response(JWKS);
      });
      onCleanup(async () => {
        await close();
        if (configuration.name !== 'a key set') return;
        // One request to begin with. For unknown keys, however many there are, one request in two seconds. Each may arrive
        // late on a busy machine, so all of them count, and not the pause between two.
        const refetches = requestedAt.slice(1);
        const lastedMs = refetches.at(-1)! - refetches[0]!;
        expect(refetches.length).toBeGreaterThan(0);
        expect(refetches.length).toBeLessThanOrEqual(2 + lastedMs / 2_000);
      });
      return { url };
    })
    .extend('tokens', { scope: 'file' }, (): string[] => [])
    .extend('api', { scope: 'file' }, async ({ database, publisher, configuration, tokens }, { onCleanup }) => {
      const environment = configuration.settings(publisher.url);
      const api = await serving({ ...database.settings, RATE_LIMIT: 'off', ...environment });
      onCleanup(async () => {
        await api.stop();
        const log = api.log();
        for (const part of tokens.flatMap((token) => token.split(/[^\w-]/)).filter((part) => part.length > 16)) {
          if (log.includes(part)) expect.fail(`the log has a part of a token in it: ${part}`);
        }
        expect(/eyJ|ann@example/.exec(log)).toBeNull();
      });
      return api;
    })
    .extend('agent', { scope: 'file' }, async ({ configuration: _ }, { onCleanup }) => {
      const agent = new Agent({ keepAlive: true });
      onCleanup(() => agent.destroy());
      return agent;
    })
    .extend(
      'means',
      ({ attacker }) =>
        (signer: Signer): Means => ({ honest: signer, claims, published, secret: SECRET, attackerUrl: attacker.url }),
    )
    .extend('get', ({ api, agent }) => (path: string, headers: readonly string[]): Promise<Refusal> => {
      const lines = ['Host', 'taskwell', 'X-Request-Id', 'attack', ...headers];
      return new Promise((resolve, reject) => {
        request(`${api.url}${path}`, { agent, headers: lines }, async (response) => {
          resolve({ status: response.statusCode, headers: response.headers, body: await text(response) });
        })
          .on('error', reject)
          .end();
      });
    })
    .extend('admits', ({ get }) => async (signer: Signer): Promise<boolean> => {
      const token = jws(signer.header, claims(), signer.sign);
      return (await get('/api/ann/tasks', ['Authorization', `Bearer ${token}`])).status === 200;
    })
    .extend('expectRefused', ({ get, tokens }) => async (token: string): Promise<void> => {
      tokens.push(token);
      const answer = await get('/api/ann/tasks', ['Authorization', `Bearer ${token}`]);
      expect(shapeOf(answer)).toEqual(REFUSED);
      const answered = JSON.stringify(answer);
      for (const part of token.split('.').filter((part) => part.length > 8)) expect(answered).not.toContain(part);
      expect(answered).not.toContain('ann@example.com');
    });
}

const SERVERS = CONFIGURATIONS.map((configuration) => ({ ...configuration, it: itWithConfiguration(configuration) }));

describe.each(SERVERS)('a server that accepts tokens of $name', ({ honest, it }) => {
  it.for([...honest])('admits a user whose token is signed with $algorithm', async (signer, { admits }) => {
    expect(await admits(signer)).toBe(true);
  });

  describe.each<[string, readonly Attack[]]>([
    ['the algorithm', ATTACKS_ON_THE_ALGORITHM],
    ['the key', ATTACKS_ON_THE_KEY],
    ['the claims', ATTACKS_ON_THE_CLAIMS],
    ['the form', ATTACKS_ON_THE_FORM],
  ])('refuses an attack on %s, and goes on to admit users', (_, attacks) => {
    it.for(attacks)('%s', async ([, attack], { means, expectRefused, admits }) => {
      for (const signer of honest) {
        const token = attack(means(signer));
        if (token !== undefined) await expectRefused(token);
      }
      expect(await admits(honest[0])).toBe(true);
    });
  });

  it.for([...honest])('of a claim that $algorithm signs twice, takes the last', async ({ header, sign }, { get }) => {
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
    describe('refuses a token of its own keys for another service, and goes on to admit users', () => {
      it.for(ATTACKS_ON_THE_ADDRESSEE)('%s', async ([, attack], { means, expectRefused, admits }) => {
        for (const signer of keys) await expectRefused(attack(means(signer)) ?? '');
        expect(await admits(honest[0])).toBe(true);
      });
    });
  }

  describe('refuses a valid token that is sent in the wrong way', () => {
    it.for(ATTACKS_ON_THE_HEADER)('%s', async ([, headers], { get }) => {
      for (const signer of honest) {
        const { status, body } = await get('/api/ann/tasks', headers(jws(signer.header, claims(), signer.sign)));
        expect({ status, body: JSON.parse(body) }).toEqual({
          status: 401,
          body: { error: 'unauthorized', detail: expect.any(String) },
        });
      }
    });

    it.for(['access_token', 'token', 'authorization', 'jwt'])('in the query as %s', async (name, { get }) => {
      const [signer] = honest;
      const token = jws(signer.header, claims(), signer.sign);
      expect((await get(`/api/ann/tasks?${name}=${token}`, [])).status).toBe(401);
    });
  });

  it.for(FRONTENDS)('refuses in the shape of $name', async (frontend, { get, means }) => {
    const { name, error } = frontend;
    const path = `/contracts/${name}${tasksPath(frontend, 'ann')}`;
    for (const [, attack] of [...ATTACKS_ON_THE_ALGORITHM.slice(0, 3), ...ATTACKS_ON_THE_FORM.slice(0, 3)]) {
      const { status, headers, body } = await get(path, ['Authorization', `Bearer ${attack(means(honest[0]))}`]);
      const [detail, at] = [expect.any(String), expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)];
      expect({ status, body: JSON.parse(body) }).toEqual({
        status: 401,
        body: error({ status: 401, category: 'unauthorized', detail, at }),
      });
      expect(headers['www-authenticate']).toMatch(/^Bearer error="invalid_token", error_description="[^"]+"$/);
    }
  });
});

/** What every refusal has in common. An attacker learns nothing from it but its one sentence. */
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
