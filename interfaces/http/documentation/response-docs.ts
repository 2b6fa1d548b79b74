import type { Contract } from '../contracts/contract.ts';
import type { Endpoint } from '../contracts/endpoint.ts';
import type { DeclaredHeader, ResponseDeclaration, ResponseHeader } from '../contracts/http-response.ts';
import { EXAMPLE_TASK } from '../contracts/task-schemas.ts';
import { failureUnder } from '../errors/error-responses.ts';
import type { JsonSchema, Schemas } from './json-schemas.ts';
import { EXAMPLE_QUOTA_HEADERS, refusalsOf } from './refusals.ts';

/** Describes every response of an endpoint by its status, as an OpenAPI responses object. */
export function describeResponses(endpoint: Endpoint, contract: Contract, schemas: Schemas): object {
  return { ...describeSuccesses(endpoint, schemas), ...describeFailures(endpoint, contract, schemas) };
}

function describeSuccesses({ responses, access, operationId }: Endpoint, schemas: Schemas): object {
  const headers = access === 'user' ? { ...REQUEST_ID, ...RATE_LIMIT_HEADERS } : REQUEST_ID;
  const entries = Object.entries(responses).map(([status, declared]) => {
    const content = describeContent(declared, operationId, schemas);
    const own = Object.fromEntries((declared.headers ?? []).map(describeOwnHeader));
    return [
      status,
      { description: declared.description, headers: { ...headers, ...own }, ...(content && { content }) },
    ];
  });
  return Object.fromEntries(entries);
}

function describeOwnHeader(declared: DeclaredHeader): [name: string, header: object] {
  if (typeof declared === 'string') return [declared, OWN_HEADERS[declared]];
  const { name, description } = declared;
  return [name, { ...OWN_HEADERS[name], description }];
}

function describeContent(declared: ResponseDeclaration, name: string, schemas: Schemas): object | undefined {
  if (declared.schema) {
    const { schema, description: summary, example: value } = declared;
    return jsonContent(schemas.of(schema), { [name]: { summary, value } });
  }
  if (declared.contentType === undefined) return undefined;
  return { [declared.contentType]: { schema: { type: 'string' }, example: declared.example } };
}

function describeFailures(endpoint: Endpoint, contract: Contract, schemas: Schemas): object {
  const all = refusalsOf(endpoint, schemas).map(({ name, summary, example }) => ({
    ...failureUnder(contract, example),
    name,
    summary,
  }));
  const statuses = new Set(all.map(({ status }) => status));
  const entries = [...statuses].map((status) => {
    const failures = all.filter((failure) => failure.status === status);
    const isShared = (code: string) => failures.filter((failure) => failure.code === code).length > 1;
    const examples = failures.map(({ summary, name, ...failure }) => [
      isShared(failure.code) ? name : failure.code,
      { summary, value: contract.error.of(failure, EXAMPLE_TASK.createdAt) },
    ]);
    const headers = failures.map(({ headers }) => describeHeaders(headers));
    return [
      status,
      {
        description: failures.map(({ summary }) => summary).join(' '),
        headers: Object.assign({}, REQUEST_ID, ...headers),
        content: jsonContent(schemas.of(contract.error.schema), Object.fromEntries(examples)),
      },
    ];
  });
  return Object.fromEntries(entries);
}

function describeHeaders(headers: Readonly<Record<string, string>>): Record<string, object> {
  const entries = Object.entries(headers).map(([name, example]) => [
    name,
    { description: HEADERS[name], schema: { type: 'string' }, example },
  ]);
  return Object.fromEntries(entries);
}

const HEADERS: Readonly<Record<string, string>> = {
  'WWW-Authenticate': 'Asks for a Bearer token and says what is wrong with the given one (RFC 6750)',
  'Retry-After': 'When to retry, in seconds',
  'RateLimit-Policy': 'The limit: requests (q) per window in seconds (w)',
  RateLimit: 'What is left of the limit: requests (r), and seconds until the window ends (t)',
};

/** The headers of single endpoints. */
const OWN_HEADERS: Readonly<Record<ResponseHeader, object>> = {
  ETag: header('The state of the task, or of all tasks: send it in If-Match or If-None-Match', '"3-89abcdef0123"'),
  'X-Task-Position': header('The position of this write: 1, 2, 3 … in the order of the writes of the user', '42'),
  'Idempotency-Replayed': header('Set if an earlier request with this Idempotency-Key created the task', 'true'),
  Link: header('The next page, relative to the URL of the request (RFC 8288)', '<?limit=100&cursor=abc>; rel="next"'),
  'X-Total-Count': header('The number of all matching tasks, if `count` is true', '1234'),
};

function header(description: string, example: string): object {
  return { description, schema: { type: 'string' }, example };
}

const RATE_LIMIT_HEADERS = describeHeaders(EXAMPLE_QUOTA_HEADERS);

/** The header of every response. */
export const REQUEST_ID = {
  'X-Request-Id': {
    description: 'The id of the request: the given one, or a new one',
    schema: { type: 'string' },
  },
};

/** JSON content with named examples. */
export function jsonContent(schema: JsonSchema, examples: object): object {
  return { 'application/json': { schema, examples } };
}
