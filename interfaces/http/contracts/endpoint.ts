import type { Admission } from '../../../application/request-guard.ts';
import type { UseCases } from '../../../application/use-cases.ts';
import type { UserId } from '../../../domain/user-id.ts';
import type { Fact, Failure } from '../errors/error-table.ts';
import { networkOf } from '../pipeline/client-address.ts';
import { BODY_REFUSALS } from '../pipeline/json-body.ts';
import type { RouteContext } from '../pipeline/request-state.ts';
import type { DeclaredResponse, HttpResponse, ResponseDeclarations } from './http-response.ts';
import { type InputOf, type InputSchemas, readInput } from './read-input.ts';

/** An error that an endpoint can declare. */
export type Refusal =
  | Exclude<Fact, 'InvalidValue' | 'RouteNotFound' | 'MethodNotAllowed' | OtherUnavailable>
  | 'Unexpected';

/** To a client, they look like `Unavailable`. */
type OtherUnavailable = 'KeySetUnavailable' | 'Misconfigured' | 'Overloaded';

interface Description {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Parameters are written `:name`. A `:user_id` has to be the signed-in user. */
  readonly path: string;
  readonly input: InputSchemas;
  readonly responses: ResponseDeclarations;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
}

interface Declaration<Input extends InputSchemas, Outcome, Declared extends ResponseDeclarations> extends Description {
  readonly input: Input;
  readonly responses: Declared;
  /** The errors that the use case throws. The errors that input and access imply are added. */
  readonly refusals?: readonly Refusal[];
  /** Makes the response of what `run` returns. */
  readonly respond: (outcome: Outcome, input: InputOf<Input>) => DeclaredResponse<Declared>;
}

/** One method at one path: the routes and the documentation of a contract derive from it. */
export type Endpoint = Description & {
  /** Every error that it can respond with. */
  readonly refusals: readonly Refusal[];
  /** A response of the endpoint's own to an error; `undefined`: the error response of the contract. */
  readonly answerTo?: AnswerTo | undefined;
} & (
    | { readonly access: 'user'; readonly handle: Handler<[admitted: Admission]> }
    | { readonly access: 'public'; readonly handle: Handler<[]> }
  );

type AnswerTo = (failure: Failure) => HttpResponse | undefined;

type Handler<Caller extends readonly Admission[]> = (
  useCases: UseCases,
  ctx: RouteContext,
  ...caller: Caller
) => Promise<HttpResponse>;

/**
 * Declares an endpoint for signed-in users. `owner` is the user of the token, and `expiresAtMs` its end in milliseconds
 * since 1970.
 */
export function endpoint<Input extends InputSchemas, Outcome, const Declared extends ResponseDeclarations>({
  run,
  respond,
  ...declared
}: Declaration<Input, Outcome, Declared> & {
  readonly run: (useCases: UseCases, owner: UserId, input: InputOf<Input>, expiresAtMs: number) => Promise<Outcome>;
}): Endpoint {
  return {
    ...declared,
    access: 'user',
    refusals: [
      'Unauthenticated',
      'RateLimited',
      ...(declared.path.includes(':user_id') ? (['UserMismatch'] as const) : []),
      ...refusalsOf(declared),
    ],
    handle: async (useCases, ctx, { user, expiresAtMs }) => {
      const reading = readInput(declared.input, ctx);
      const input = reading instanceof Promise ? await reading : reading;
      return respond(await run(useCases, user, input, expiresAtMs), input);
    },
  };
}

/**
 * Declares an endpoint that needs no token, such as a sign-up. `network` is the one that the request comes from. With
 * `answerTo`, invalid input is not an error response.
 */
export function publicEndpoint<Input extends InputSchemas, Outcome, const Declared extends ResponseDeclarations>({
  run,
  respond,
  ...declared
}: Declaration<Input, Outcome, Declared> & {
  readonly run: (useCases: UseCases, input: InputOf<Input>, network: string) => Promise<Outcome>;
  readonly answerTo?: AnswerTo | undefined;
}): Endpoint {
  const refusals = refusalsOf(declared);
  return {
    ...declared,
    access: 'public',
    refusals: declared.answerTo ? refusals.filter((refusal) => refusal !== 'RequestInvalid') : refusals,
    handle: async (useCases, ctx) => {
      const input = await readInput(declared.input, ctx);
      return respond(await run(useCases, input, networkOf(ctx.state.address)), input);
    },
  };
}

/** The errors that the input implies, that the use case throws, and that every endpoint can respond with. */
function refusalsOf({ input, refusals = [] }: { input: InputSchemas; refusals?: readonly Refusal[] }): Refusal[] {
  const { headers, ...values } = input;
  return [
    ...(Object.keys(values).length > 0 ? (['RequestInvalid'] as const) : []),
    ...(headers ? (['InvalidHeader'] as const) : []),
    ...(input.body ? BODY_REFUSALS : []),
    ...refusals,
    'Unexpected',
    'Unavailable',
  ];
}
