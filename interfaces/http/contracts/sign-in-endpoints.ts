import * as v from 'valibot';
import type { Account, SignedIn } from '../../../application/ports/accounts.ts';
import type { UseCases } from '../../../application/use-cases.ts';
import { DISPLAY_NAME_MAX, DisplayName } from '../../../domain/display-name.ts';
import { EMAIL_MAX, Email } from '../../../domain/email.ts';
import { PASSWORD_MAX, PASSWORD_MIN, Password } from '../../../domain/password.ts';
import { UserId } from '../../../domain/user-id.ts';
import type { ErrorCode, Failure } from '../errors/error-table.ts';
import { type Endpoint, publicEndpoint, type Refusal } from './endpoint.ts';
import { created, json, ok, type ResponseBody } from './http-response.ts';
import { domain, fields, type Schema, text } from './validation.ts';

/** How a contract signs users up and in. Both routes return the same body. */
export interface SignInResource {
  readonly signUp: { readonly path: string; readonly status: 200 | 201; readonly takesName: boolean };
  readonly signIn: { readonly path: string };
  readonly signedIn: ResponseBody<[signedIn: SignedIn, operation: 'signUp' | 'signIn']>;
  /** The body of a 200 that reports a failure; absent: the error response of the contract. */
  readonly failed?: ResponseBody<[failure: Failure]>;
}

/** The token in a response. */
export const token = v.pipe(v.string(), v.description('The bearer token of task requests, until it expires'));

/** A time of an account. */
export const timestamp = v.pipe(v.string(), v.isoTimestamp());

const email = v.pipe(
  text(),
  v.metadata({ format: 'email', maxLength: EMAIL_MAX, examples: ['ann@example.com'] }),
  domain(Email),
);

const password = v.pipe(
  text(),
  v.metadata({ minLength: PASSWORD_MIN, maxLength: PASSWORD_MAX, examples: ['correct horse battery'] }),
  domain(Password),
);

const name = v.nullish(
  v.pipe(text(), v.metadata({ maxLength: DISPLAY_NAME_MAX, examples: ['Ann'] }), domain(DisplayName)),
);

const credentials = fields({ email, password });

interface Newcomer {
  readonly email: Email;
  readonly password: Password;
  readonly name: DisplayName;
}

/** Without a name, it is the part of the address before the @. */
const withName = ({
  email,
  password,
  name,
}: Omit<Newcomer, 'name'> & { name?: DisplayName | null | undefined }): Newcomer => ({
  email,
  password,
  name: name || DisplayName(email.slice(0, email.indexOf('@')).slice(0, DISPLAY_NAME_MAX)),
});

const newcomer: Schema<Newcomer> = v.pipe(fields({ email, password, name }), v.transform(withName));
const namelessNewcomer: Schema<Newcomer> = v.pipe(credentials, v.transform(withName));

const ACCOUNT: Account = {
  id: UserId('k3JdP0sXq9Lm2Tn5Vw8Yz1Bc4Df7Gh0J'),
  email: 'ann@example.com',
  name: 'Ann',
  createdAt: '2026-11-20T17:00:00.123Z',
  updatedAt: '2026-11-20T17:00:00.123Z',
};

const EXAMPLE: SignedIn = { account: ACCOUNT, token: 'eyJhbGciOiJFZERTQSIsImtpZCI6IjEifQ.eyJzdWIiOiJrM0oifQ.c2ln' };

/** The two endpoints of a contract. They exist where this server signs users in itself. */
export function signInEndpoints(resource: SignInResource): readonly Endpoint[] {
  return [signUpEndpoint(resource), signInEndpoint(resource)];
}

function signUpEndpoint({ signUp, signedIn, failed }: SignInResource): Endpoint {
  const refusals: readonly Refusal[] = failed ? ['RateLimited'] : ['EmailTaken', 'RateLimited'];
  const declaration = {
    method: 'POST',
    path: signUp.path,
    input: { body: signUp.takesName ? newcomer : namelessNewcomer },
    run: (useCases: UseCases, { body }: { readonly body: Newcomer }, network: string) =>
      useCases.signUp.execute({ ...body, network }),
    refusals,
    operationId: 'signUp',
    summary: 'Sign up',
    description: 'Creates an account and returns a token for it.',
    answerTo: answerWith(failed),
  } as const;
  const response = json('The new account', orFailed(signedIn, failed), EXAMPLE, 'signUp');
  return signUp.status === 201
    ? publicEndpoint({
        ...declaration,
        responses: { 201: response },
        respond: (account) => created(signedIn.of(account, 'signUp')),
      })
    : publicEndpoint({
        ...declaration,
        responses: { 200: response },
        respond: (account) => ok(signedIn.of(account, 'signUp')),
      });
}

function signInEndpoint({ signIn, signedIn, failed }: SignInResource): Endpoint {
  return publicEndpoint({
    method: 'POST',
    path: signIn.path,
    input: { body: credentials },
    run: (useCases, { body }, network) => useCases.signIn.execute({ ...body, network }),
    refusals: failed ? ['RateLimited'] : ['CredentialsInvalid', 'RateLimited'],
    responses: { 200: json('The account', orFailed(signedIn, failed), EXAMPLE, 'signIn') },
    respond: (account) => ok(signedIn.of(account, 'signIn')),
    operationId: 'signIn',
    summary: 'Sign in',
    description: 'Returns a token for an account. A wrong password and an unknown address get the same response.',
    answerTo: answerWith(failed),
  });
}

/** The body of a success, in the schema of a response that can also report a failure. */
function orFailed(
  { schema, of }: SignInResource['signedIn'],
  failed: SignInResource['failed'],
): SignInResource['signedIn'] {
  return failed ? { schema: v.union([schema, failed.schema]), of } : { schema, of };
}

const REPORTED: readonly ErrorCode[] = ['unauthorized', 'conflict', 'validation_error'];

/** Reports what the user can correct in a 200, and leaves every other error to the contract. */
function answerWith(failed: SignInResource['failed']) {
  return failed && ((failure: Failure) => (REPORTED.includes(failure.code) ? ok(failed.of(failure)) : undefined));
}
