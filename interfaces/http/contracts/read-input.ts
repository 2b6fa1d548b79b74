import { type Fault, InvalidHeader } from '../errors/http-errors.ts';
import { jsonBody } from '../pipeline/json-body.ts';
import type { RouteContext } from '../pipeline/request-state.ts';
import { entriesOf, parse, REPEATED, type Schema } from './validation.ts';

/** The schemas of an endpoint's input. A part without a schema is not read. */
export interface InputSchemas {
  readonly path?: Schema<unknown>;
  readonly query?: Schema<unknown>;
  readonly body?: Schema<unknown>;
  /** By their names in lower case. */
  readonly headers?: Schema<unknown>;
}

/** The output of the schemas. */
export type InputOf<Schemas extends InputSchemas> = {
  readonly [Part in keyof Schemas]: Schemas[Part] extends Schema<infer Output> ? Output : never;
};

/**
 * Validates the parts of a request that have a schema. Only a body has to be waited for. The compiler cannot follow the
 * parts of a generic type through a computed object, so the first signature states the result.
 *
 * @throws RequestInvalid, InvalidHeader, InvalidJson, PayloadTooLarge, UnsupportedMediaType
 */
export function readInput<Input extends InputSchemas>(
  schemas: Input,
  ctx: RouteContext,
): InputOf<Input> | Promise<InputOf<Input>>;
export function readInput({ path, query, body, headers }: InputSchemas, ctx: RouteContext): object | Promise<object> {
  const input = {
    path: path && parse(path, ctx.params),
    query: query && (ctx.querystring === '' ? outputOfNothing(query) : parse(query, parametersOf(ctx))),
    headers: headers && readHeaders(headers, ctx),
  };
  return body ? jsonBody(ctx).then((sent) => ({ ...input, body: parse(body, sent) })) : input;
}

/** The parameters of a query. One that has several values is `REPEATED`. */
function parametersOf({ query }: RouteContext): object {
  const entries = Object.entries(query).map(([name, value]) => [name, Array.isArray(value) ? REPEATED : value]);
  return Object.fromEntries(entries);
}

/** Most requests have none of the headers that an endpoint reads. */
function readHeaders(schema: Schema<unknown>, { req: { headers } }: RouteContext): unknown {
  const entries = entriesOf(schema);
  if (entries && [...entries.keys()].every((name) => headers[name] === undefined)) return outputOfNothing(schema);
  return parse(schema, headers, invalidHeader);
}

/** The error of faults in headers, whose schemas have their names in lower case. */
export function invalidHeader(faults: readonly Fault[]): InvalidHeader {
  return new InvalidHeader(faults.map((fault) => ({ ...fault, field: fault.field && headerName(fault.field) })));
}

/** The usual spelling of the name of a header, which is not case-sensitive. */
export function headerName(name: string): string {
  return name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
}

const OUTPUTS_OF_NOTHING = new WeakMap<Schema<unknown>, unknown>();

/** What a schema makes of an object without fields, which is the same for all requests. */
function outputOfNothing(schema: Schema<unknown>): unknown {
  if (!OUTPUTS_OF_NOTHING.has(schema)) OUTPUTS_OF_NOTHING.set(schema, parse(schema, {}));
  return OUTPUTS_OF_NOTHING.get(schema);
}
