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

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description?: string;
  readonly example?: unknown;
  readonly schema: { readonly examples?: readonly unknown[]; readonly enum?: readonly string[] };
}

interface Body {
  readonly headers?: Readonly<Record<string, { readonly description: string }>>;
  readonly content?: Readonly<Record<string, Content>>;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
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

/** An example of a 400 or 422, as text; `undefined` if there is none of this code. */
function exampleOf({ responses }: Operation, code: string): string | undefined {
  const examples = ['400', '422'].map((status) => responses[status]?.content?.['application/json']?.examples?.[code]);
  const found = examples.find((example) => example !== undefined);
  return found && JSON.stringify(found.value);
}

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

  it('describes each parameter, with an example or all its values', async ({ operationsAt }) => {
    const { document } = await operationsAt(prefix);
    const described = (pattern: RegExp) => {
      const [, methods] = Object.entries(document.paths).find(([path]) => pattern.test(path)) ?? [];
      return methods?.get?.parameters.filter((parameter) => parameter.in === 'query') ?? [];
    };
    const [list, changes] = [described(/tasks$/), described(/tasks\/changes$/)];
    expect(list.map(({ name }) => name)).toEqual(expect.arrayContaining(['q', 'limit', 'cursor', 'count', 'sort']));
    expect(changes.map(({ name }) => name)).toEqual(['since', 'limit']);
    for (const { name, description, example, schema } of [...list, ...changes]) {
      expect(description, name).toMatch(/./);
      expect(example ?? schema.examples?.[0] ?? schema.enum?.[0], name).toBeDefined();
    }
    for (const parameters of [list, changes]) {
      expect(parameters.find(({ name }) => name === 'limit')?.description).toMatch(
        /^How many (tasks|changes) to return/,
      );
    }
  });

  it('has an example of a malformed header that it reads, and of an invalid value that it takes', async ({
    operationsAt,
  }) => {
    const { document } = await operationsAt(prefix);
    const headers = new Set<string>();
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const malformed = exampleOf(operation, 'invalid_header');
        const invalid = exampleOf(operation, 'validation_error');
        const { parameters = [], operationId } = operation;
        const names = parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name);
        expect(names.length > 0, operationId).toBe(malformed !== undefined);
        for (const name of names) expect(malformed, operationId).toContain(`${name} must be `);
        for (const name of names) headers.add(`${method} ${name}`);
        if (invalid) expect(invalid, operationId).toMatch(/[a-z_]+ (must|is required)/);
        if (path.endsWith('/changes')) expect(invalid).toContain('limit must be a whole number from 1 to 1000');
      }
    }
    expect([...headers]).toEqual(
      expect.arrayContaining(['get If-None-Match', 'post Idempotency-Key', 'put If-Match', 'delete If-Match']),
    );
  });

  it('says what a position is: that of a write, or that up to which a client has read', async ({ operationsAt }) => {
    const { operations } = await operationsAt(prefix);
    for (const { operationId, responses } of operations) {
      const { description } =
        responses[operationId === 'createTask' ? '201' : '200']?.headers?.['X-Task-Position'] ?? {};
      if (operationId === 'createTask') expect(description).toMatch(/^The position of this write/);
      if (operationId === 'readChanges')
        expect(description).toMatch(/^The client has read the writes up to this position/);
    }
  });

  it('says of a stream of events that there can be too many', async ({ operationsAt }) => {
    const { operations } = await operationsAt(prefix);
    const unavailable = operations.find(({ operationId }) => operationId === 'watchTasks')?.responses['503'];
    const examples = examplesOf(unavailable ?? {}).map(({ value }) => JSON.stringify(value));
    expect(examples).toHaveLength(2);
    for (const detail of ['The database is out of reach', 'Too many event streams are open']) {
      expect(examples).toContainEqual(expect.stringContaining(detail));
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
