import { is } from 'valibot';
import { USER_ID_MAX } from '../../../domain/user-id.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Endpoint } from '../contracts/endpoint.ts';
import { headerName } from '../contracts/read-input.ts';
import { EXAMPLE_TASK } from '../contracts/task-schemas.ts';
import type { Schema } from '../contracts/validation.ts';
import { healthBody } from '../server/health.ts';
import { malformedBody } from '../server/malformed-request.ts';
import { VERSION } from '../server/package-version.ts';
import type { Verdict } from '../server/readiness.ts';
import { readyBody } from '../server/ready.ts';
import { exampleOf, type JsonSchema, propertiesOf, type Schemas, schemasOf } from './json-schemas.ts';
import { hasFields } from './refusals.ts';
import { describeResponses, jsonContent, REQUEST_ID } from './response-docs.ts';

/** An OpenAPI 3.1 document. */
export type OpenApi = Readonly<Record<string, unknown>>;

const SERVER = `Users see only their own tasks: the task of another user is 404, like a task that does not exist. Send the token
from Better Auth with every request. Timestamps are ISO 8601 in UTC and set by the server. Every error is JSON in one shape,
with a sentence for people and a stable code for programs.`;

const TOKEN =
  'The JWT of the signed-in user, as Better Auth or your frontend issues it; its `sub` is the user. In development, `npx taskwell token --user demo` mints one.';

/**
 * Makes the OpenAPI document of a contract. It derives from the contract's endpoints and their schemas.
 *
 * @param prefix where the contract is mounted
 */
export function openApi(contract: Contract, prefix: string): OpenApi {
  const schemas = schemasOf(contract);
  return {
    openapi: '3.1.0',
    info: {
      title: `Taskwell, ${contract.name}`,
      version: VERSION,
      summary: contract.about,
      description: SERVER,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: prefix || '/', description: 'This server' }],
    tags: [
      { name: 'Tasks', description: 'The tasks of the signed-in user' },
      { name: 'Server', description: 'The state of the server' },
    ],
    security: [{ bearer: [] }],
    paths: {
      ...describePaths(contract, schemas),
      '/health': { get: describeHealth(schemas) },
      '/ready': { get: describeReady(schemas) },
    },
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: TOKEN },
      },
      schemas: schemas.components,
    },
  };
}

function describePaths(contract: Contract, schemas: Schemas): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of contract.endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: describeEndpoint(endpoint, contract, schemas) };
  }
  return paths;
}

function describeEndpoint(endpoint: Endpoint, contract: Contract, schemas: Schemas): object {
  const { input, access, operationId, summary, description } = endpoint;
  return {
    tags: ['Tasks'],
    operationId,
    summary,
    description,
    ...(access === 'public' ? { security: [] } : {}),
    parameters: [
      ...(endpoint.path.includes(':user_id') ? [parameter('path', 'user_id', USER_IN_PATH, true)] : []),
      ...parameters('path', input.path, schemas),
      ...parameters('query', input.query, schemas),
      ...parameters('header', input.headers, schemas),
    ],
    ...(input.body && hasFields(input.body, schemas) ? { requestBody: requestBody(input.body, schemas) } : {}),
    responses: describeResponses(endpoint, contract, schemas),
  };
}

const USER_IN_PATH: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: USER_ID_MAX,
  description: 'The signed-in user: the `sub` of the token. Any other value is 403',
  examples: ['demo'],
};

type Place = 'path' | 'query' | 'header';

function parameters(place: Place, schema: Schema<unknown> | undefined, schemas: Schemas): object[] {
  if (schema === undefined) return [];
  const sent = schemas.sent(schema);
  return propertiesOf(sent).map(([name, property]) =>
    parameter(place, place === 'header' ? headerName(name) : name, property, sent.required?.includes(name) ?? false),
  );
}

/**
 * Swagger UI sends the example that stands beside the schema unless the person changes it, and ignores one in the schema.
 * So only a required parameter has it beside the schema.
 */
function parameter(place: Place, name: string, sent: JsonSchema, required: boolean): object {
  const { description, ...described } = sent;
  const { examples: [example] = [], ...schema } = described;
  if (!required || example === undefined) return { name, in: place, required, description, schema: described };
  return { name, in: place, required, description, example, schema };
}

function requestBody(body: Schema<unknown>, schemas: Schemas): object {
  const schema = schemas.sent(body);
  const examples = { request: { summary: 'For example', value: exampleOf(schema) } };
  return { required: !is(body, {}), content: jsonContent(schema, examples) };
}

function describeHealth({ of }: Schemas): object {
  return {
    tags: ['Server'],
    operationId: 'health',
    summary: 'Check that the server responds',
    description: 'For load balancers and monitoring. It needs no token and does not query the database.',
    security: [],
    responses: {
      200: respond('The server responds', of(healthBody.schema), healthBody.of('dev', EXAMPLE_TASK.createdAt)),
      400: describeMalformed(of),
    },
  };
}

function describeReady({ of }: Schemas): object {
  const schema = of(readyBody.schema);
  const example = (verdict: Verdict) => readyBody.of(verdict, EXAMPLE_TASK.createdAt);
  const reason = 'the server is draining';
  return {
    tags: ['Server'],
    operationId: 'ready',
    summary: 'Check whether to send requests to this instance',
    description: 'For load balancers. It needs no token. It asks the database at most once a second.',
    security: [],
    responses: {
      200: respond('The server takes requests', schema, example({ ready: true })),
      400: describeMalformed(of),
      503: respond('Send requests to another instance', schema, example({ ready: false, reason })),
    },
  };
}

function describeMalformed(of: Schemas['of']): object {
  return respond('The request is not well-formed HTTP', of(malformedBody.schema), malformedBody.of(400));
}

function respond(description: string, schema: JsonSchema, value: unknown): object {
  const content = jsonContent(schema, { example: { summary: description, value } });
  return { description, headers: REQUEST_ID, content };
}
