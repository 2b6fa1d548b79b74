import { type Contract, type ResponseBody, statusOf } from '../contracts/contract.ts';
import type { Endpoint } from '../contracts/endpoints.ts';
import { type DocumentedKind, failureExample, headersOf, NOW, RATE_LIMIT_HEADERS, TASK } from './examples.ts';
import { type JsonSchema, propertiesOf, type Schemas } from './json-schemas.ts';
import { wording } from './wording.ts';

/** Every answer that an endpoint may give, by its status, as OpenAPI has it. */
export function responsesOf(endpoint: Endpoint, contract: Contract, schemas: Schemas): object {
  return { ...success(endpoint, contract, schemas), ...failures(endpoint, contract, schemas) };
}

function success({ operation }: Endpoint, contract: Contract, schemas: Schemas): object {
  const { list, one, deleted } = contract.responses;
  const headers = { ...REQUEST_ID, ...RATE_LIMIT_HEADERS };
  const told = ({ schema }: ResponseBody<never>, value: unknown) => ({
    description: wording.success[operation],
    headers,
    content: json(schemas.of(schema), {
      [operation]: { summary: wording.success[operation], value },
    }),
  });
  if (operation === 'list') return { 200: told(list, list.of([TASK])) };
  if (operation === 'create') return { 201: told(one, one.of(TASK, 'create')) };
  if (operation !== 'delete') return { 200: told(one, one.of(TASK, operation)) };
  return deleted ? { 200: told(deleted, deleted.of()) } : { 204: { description: wording.success.delete, headers } };
}

/** Every error that an endpoint may answer with, by its status. */
function failures(endpoint: Endpoint, contract: Contract, schemas: Schemas): object {
  const { error } = contract.responses;
  const all = kindsOf(endpoint, schemas);
  const statuses = new Set(all.map((kind) => statusOf(contract, kind)));
  return Object.fromEntries(
    [...statuses].map((status) => {
      const kinds = all.filter((kind) => statusOf(contract, kind) === status);
      const failures = kinds.map((kind) => ({ ...failureExample(kind, endpoint, contract), status }));
      const examples = failures.map((failure) => [
        failure.kind,
        { summary: wording.failure[failure.kind], value: error.of(failure, NOW) },
      ]);
      return [
        status,
        {
          description: kinds.map((kind) => wording.failure[kind]).join(' '),
          headers: Object.assign({ ...REQUEST_ID }, ...failures.map(headersOf)),
          content: json(schemas.of(error.schema), Object.fromEntries(examples)),
        },
      ];
    }),
  );
}

function kindsOf(endpoint: Endpoint, schemas: Schemas): DocumentedKind[] {
  const hasBody = ['POST', 'PUT', 'PATCH'].includes(endpoint.method);
  const hasTask = endpoint.path.includes(':id');
  const hasValues = hasTask || endpoint.operation === 'create' || takesParameters(endpoint, schemas);
  return [
    ...(hasValues ? (['validation_error'] as const) : []),
    ...(hasBody ? (['invalid_json'] as const) : []),
    'unauthorized',
    ...(endpoint.path.includes(':user_id') ? (['forbidden'] as const) : []),
    ...(hasTask ? (['task_not_found'] as const) : []),
    ...(hasBody ? (['payload_too_large', 'unsupported_media_type'] as const) : []),
    'rate_limited',
    'internal_error',
    'service_unavailable',
  ];
}

function takesParameters(endpoint: Endpoint, schemas: Schemas): boolean {
  return endpoint.operation === 'list' && propertiesOf(schemas.sent(endpoint.query)).length > 0;
}

/** A body of JSON with its examples by name. */
export function json(schema: JsonSchema, examples: object): object {
  return { 'application/json': { schema, examples } };
}

/** The header that every answer has. */
export const REQUEST_ID = {
  'X-Request-Id': {
    description: 'The id of the request: the one that was sent, or a new one',
    schema: { type: 'string' },
  },
};
