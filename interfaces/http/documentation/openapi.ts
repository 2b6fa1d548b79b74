import { is } from 'valibot';
import type { Contract } from '../contracts/contract.ts';
import { type Endpoint, endpointsOf } from '../contracts/endpoints.ts';
import { healthResponse } from '../server/health.ts';
import { malformedResponse } from '../server/malformed-request.ts';
import { VERSION } from '../server/package-version.ts';
import { NOW } from './examples.ts';
import { exampleOf, type JsonSchema, propertiesOf, type Schemas, schemasOf } from './json-schemas.ts';
import { json, REQUEST_ID, responsesOf } from './responses.ts';
import { wording } from './wording.ts';

/** An OpenAPI document, 3.1. */
export type OpenApi = Readonly<Record<string, unknown>>;

/**
 * The documentation of a contract, made of the schemas that validate its requests and of those that its answers have.
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
      description: wording.server,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: prefix || '/', description: 'This server' }],
    tags: [
      { name: 'Tasks', description: 'The tasks of the user who is signed in' },
      { name: 'Server', description: 'How the server is' },
    ],
    security: [{ bearer: [] }],
    paths: { ...pathsOf(contract, schemas), '/health': { get: healthOperation(schemas) } },
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: wording.token },
      },
      schemas: schemas.components,
    },
  };
}

function pathsOf(contract: Contract, schemas: Schemas): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of endpointsOf(contract)) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint, contract, schemas) };
  }
  return paths;
}

function operation(endpoint: Endpoint, contract: Contract, schemas: Schemas): object {
  const { summary, description, operationId } = wording.operation(endpoint, contract);
  return {
    tags: ['Tasks'],
    operationId,
    summary,
    description,
    parameters: [...pathParameters(endpoint, contract, schemas), ...queryParameters(endpoint, schemas)],
    ...('body' in endpoint && endpoint.body
      ? { requestBody: requestBody(schemas.sent(endpoint.body), !is(endpoint.body, {})) }
      : {}),
    responses: responsesOf(endpoint, contract, schemas),
  };
}

function pathParameters({ path }: Endpoint, { id }: Contract, schemas: Schemas): object[] {
  const user: JsonSchema = {
    type: 'string',
    minLength: 1,
    maxLength: 255,
    description: wording.userInPath,
    examples: ['demo'],
  };
  return [
    ...(path.includes(':user_id') ? [parameter('path', 'user_id', user, true)] : []),
    ...(path.includes(':id') ? [parameter('path', 'id', schemas.sent(id), true)] : []),
  ];
}

function queryParameters(endpoint: Endpoint, schemas: Schemas): object[] {
  if (endpoint.operation !== 'list') return [];
  const query = schemas.sent(endpoint.query);
  return propertiesOf(query).map(([name, schema]) =>
    parameter('query', name, schema, query.required?.includes(name) ?? false),
  );
}

/** With its example beside the schema, where Swagger UI looks for what to fill in. */
function parameter(place: 'path' | 'query', name: string, sent: JsonSchema, required: boolean): object {
  const { description, examples: [example] = [], ...schema } = sent;
  return { name, in: place, required, description, ...(example === undefined ? {} : { example }), schema };
}

function requestBody(schema: JsonSchema, required: boolean): object {
  return { required, content: json(schema, { request: { summary: 'For example', value: exampleOf(schema) } }) };
}

function healthOperation({ of }: Schemas): object {
  const told = (description: string, schema: JsonSchema, value: unknown) => ({
    description,
    headers: REQUEST_ID,
    content: json(schema, { health: { summary: description, value } }),
  });
  return {
    tags: ['Server'],
    operationId: 'health',
    summary: 'Whether the server answers',
    description: 'For load balancers and people. It needs no token and asks nothing of the database.',
    security: [],
    responses: {
      200: told('It does', of(healthResponse.schema), healthResponse.of('dev', NOW)),
      400: told('The request is not well-formed HTTP', of(malformedResponse.schema), malformedResponse.of(400)),
    },
  };
}
