import { describeError, exchange, jsonOf, type Reply, textIn } from './exchange.ts';
import { Failure } from './failure.ts';

/** The signed-in user, as Better Auth knows them. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** Better Auth's codes, in words that say what to do. Its own message serves for every other code. */
const EXPLANATIONS = new Map([
  ['INVALID_EMAIL_OR_PASSWORD', 'The e-mail address or the password is wrong.'],
  ['INVALID_EMAIL', 'This is not an e-mail address.'],
  ['INVALID_PASSWORD', 'The password is wrong.'],
  ['PASSWORD_TOO_SHORT', 'Choose a password of 8 to 128 characters.'],
  ['PASSWORD_TOO_LONG', 'Choose a password of 8 to 128 characters.'],
  ['USER_ALREADY_EXISTS', 'An account with this e-mail address exists. Sign in instead.'],
  ['USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL', 'An account with this e-mail address exists. Sign in instead.'],
]);

/** The user of the session, if there is one. @throws Failure */
export async function currentUser(): Promise<User | undefined> {
  const session: { user: User } | null = JSON.parse((await call('GET', 'get-session')).text);
  return session?.user;
}

/** Creates an account, and starts a session. @throws Failure */
export async function signUp(account: Credentials & { readonly name: string }): Promise<void> {
  await call('POST', 'sign-up/email', account);
}

/** Starts a session. @throws Failure */
export async function signIn(credentials: Credentials): Promise<void> {
  await call('POST', 'sign-in/email', credentials);
}

/** Ends the session. @throws Failure */
export async function signOut(): Promise<void> {
  await call('POST', 'sign-out', {});
}

/** Deletes the account and all its tasks. @throws Failure */
export async function deleteAccount(password: string): Promise<void> {
  await call('POST', 'delete-user', { password });
}

async function call(method: string, route: string, body?: object): Promise<Reply> {
  const reply = await exchange(method, `/api/auth/${route}`, { body });
  if (reply.ok) return reply;
  const json = jsonOf(reply);
  const explanation = EXPLANATIONS.get(textIn(json, 'code') ?? '') ?? textIn(json, 'message');
  throw new Failure('refused', describeError(reply, explanation));
}
