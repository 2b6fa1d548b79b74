import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';
import { FRONTENDS } from '../support/frontends.ts';
import { InMemoryAccounts } from '../support/in-memory-accounts.ts';

interface Content {
  readonly schema: object;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
  readonly example?: string;
}

interface Body {
  readonly content?: Readonly<Record<string, Content>>;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Body>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** `operationsAt` reads the operations of a contract at a place, on a server with accounts. */
const it = itWithApp({ contract: '003-backend-api', accounts: new InMemoryAccounts() }).extend(
  'operationsAt',
  ({ app }) =>
    async (prefix: string) => {
      const { body: document }: { body: Document } = await app.send('GET', `${prefix}/openapi.json`);
      return { document, operations: Object.values(document.paths).flatMap((path) => Object.values(path)) };
    },
);

const examplesOf = ({ content }: Body) => Object.values(content?.['application/json']?.examples ?? {});

describe.each(['', ...FRONTENDS.map(({ name }) => `/contracts/${name}`)])('each operation at "%s"', (prefix) => {
  it('has a summary, a unique id, and an example of its body and of every status', async ({ operationsAt }) => {
    const { operations } = await operationsAt(prefix);
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operationId, summary, description, requestBody, responses } of operations) {
      expect(summary).not.toBe('');
      expect(description).not.toBe('');
      if (requestBody) expect(examplesOf(requestBody), operationId).not.toEqual([]);
      for (const [status, response] of Object.entries(responses)) {
        if (status === '204' || status === '304') continue;
        const streamed = response.content?.['text/event-stream']?.example ?? '';
        expect([streamed, ...examplesOf(response)], `${operationId} ${status}`).not.toEqual(['']);
      }
    }
  });

  it('accepts its own examples', async ({ operationsAt }) => {
    const { document, operations } = await operationsAt(prefix);
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addSchema({ $id: 'openapi', ...document });
    for (const { operationId, requestBody, responses } of operations) {
      for (const body of [...(requestBody ? [requestBody] : []), ...Object.values(responses)]) {
        for (const { value } of examplesOf(body)) {
          const schema = JSON.stringify(body.content?.['application/json']?.schema).replaceAll('"#/', '"openapi#/');
          const validate = ajv.compile(JSON.parse(schema));
          const where = `${operationId}: ${JSON.stringify(value)}`;
          expect(validate(value), `${where}: ${ajv.errorsText(validate.errors)}`).toBe(true);
        }
      }
    }
  });
});

describe('the routes to sign in', () => {
  it.for([
    ['003-backend-api', '/auth/register', '/auth/login'],
    ['001-todo-web-app', '/auth/signup', '/auth/signin'],
    ['1-backend-integration', '/api/auth/register', '/api/auth/login'],
    ['002-todo-backend-auth', '/api/auth/signup', '/api/auth/login'],
  ])('are documented for %s, and need no token', async ([contract, ...paths], { operationsAt }) => {
    const { document } = await operationsAt(`/contracts/${contract}`);
    for (const path of paths) {
      expect(Object.keys(document.paths[path] ?? {})).toEqual(['post']);
      expect(document.paths[path]?.post).toMatchObject({ security: [] });
    }
  });
});
