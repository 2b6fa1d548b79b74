import type { UseCases } from '../../../application/use-cases.ts';
import type { UserId } from '../../../domain/user-id.ts';
import { ALWAYS_POSSIBLE, type Fact } from '../errors/error-table.ts';
import { BODY_REFUSALS } from '../pipeline/json-body.ts';
import type { DeclaredResponse, HttpResponse, ResponseDeclarations } from './http-response.ts';
import { parse, type Schema } from './validation.ts';

/** What an endpoint reads of a request. */
export interface HttpRequest {
  /** The decoded parameters of the path. */
  readonly path: unknown;
  readonly query: unknown;
  /** @throws InvalidJson, PayloadTooLarge, UnsupportedMediaType */
  readBody(): Promise<object>;
}

/** The schemas of an endpoint's input. A part without a schema is not read. */
export interface InputSchemas {
  readonly path?: Schema<unknown>;
  readonly query?: Schema<unknown>;
  readonly body?: Schema<unknown>;
}

type InputOf<Schemas extends InputSchemas> = {
  readonly [Part in keyof Schemas]: Schemas[Part] extends Schema<infer Output> ? Output : never;
};

/** An error that an endpoint can declare. */
export type Refusal =
  | Exclude<Fact, 'InvalidValue' | 'RouteNotFound' | 'MethodNotAllowed' | 'KeySetUnavailable' | 'Overloaded'>
  | 'Unexpected';

interface Declaration<Input extends InputSchemas, Outcome, Declared extends ResponseDeclarations> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Parameters are written `:name`. A `:user_id` has to be the signed-in user. */
  readonly path: string;
  readonly input: Input;
  /** The errors that the use case throws. What input and access imply is added. */
  readonly refusals?: readonly Refusal[];
  readonly responses: Declared;
  readonly respond: (outcome: Outcome) => DeclaredResponse<Declared>;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
}

/** One method at one path: the routes and the documentation of a contract derive from it. */
export type Endpoint = Omit<Declaration<InputSchemas, never, ResponseDeclarations>, 'respond' | 'refusals'> & {
  /** Every error that it can answer with. */
  readonly refusals: readonly Refusal[];
} & (
    | {
        readonly access: 'user';
        readonly handle: (useCases: UseCases, request: HttpRequest, owner: UserId) => Promise<HttpResponse>;
      }
    | {
        readonly access: 'public';
        readonly handle: (useCases: UseCases, request: HttpRequest) => Promise<HttpResponse>;
      }
  );

/** Declares an endpoint for signed-in users. `owner` is the user of the token. */
export function endpoint<Input extends InputSchemas, Outcome, const Declared extends ResponseDeclarations>({
  run,
  respond,
  ...declared
}: Declaration<Input, Outcome, Declared> & {
  readonly run: (useCases: UseCases, owner: UserId, input: InputOf<Input>) => Promise<Outcome>;
}): Endpoint {
  return {
    ...declared,
    access: 'user',
    refusals: [...userRefusals(declared.path), ...refusalsOf(declared)],
    handle: async (useCases, request, owner) => {
      const input = readInput(declared.input, request);
      return respond(await run(useCases, owner, input instanceof Promise ? await input : input));
    },
  };
}

/** Declares an endpoint that needs no token, such as a sign-up. */
export function publicEndpoint<Input extends InputSchemas, Outcome, const Declared extends ResponseDeclarations>({
  run,
  respond,
  ...declared
}: Declaration<Input, Outcome, Declared> & {
  readonly run: (useCases: UseCases, input: InputOf<Input>) => Promise<Outcome>;
}): Endpoint {
  return {
    ...declared,
    access: 'public',
    refusals: refusalsOf(declared),
    handle: async (useCases, request) => respond(await run(useCases, await readInput(declared.input, request))),
  };
}

/** What the guard of a user's endpoint throws. */
function userRefusals(path: string): readonly Refusal[] {
  return ['Unauthenticated', 'RateLimited', ...(path.includes(':user_id') ? (['UserMismatch'] as const) : [])];
}

function refusalsOf({ input, refusals = [] }: { input: InputSchemas; refusals?: readonly Refusal[] }): Refusal[] {
  const values: Refusal[] = Object.keys(input).length > 0 ? ['RequestInvalid'] : [];
  return [...values, ...(input.body ? BODY_REFUSALS : []), ...refusals, ...ALWAYS_POSSIBLE];
}

/**
 * Validates the parts of a request that have a schema; it waits only for a body. The compiler cannot follow the parts
 * of a generic type through a computed object, so the first signature states the result.
 *
 * @throws RequestInvalid
 */
function readInput<Input extends InputSchemas>(
  schemas: Input,
  request: HttpRequest,
): InputOf<Input> | Promise<InputOf<Input>>;
function readInput({ path, query, body }: InputSchemas, request: HttpRequest): object | Promise<object> {
  const input = { path: path && parse(path, request.path), query: query && parse(query, request.query) };
  return body ? request.readBody().then((sent) => ({ ...input, body: parse(body, sent) })) : input;
}
