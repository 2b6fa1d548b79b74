import { signal } from '@preact/signals';
import * as accounts from '../api/accounts.ts';
import { asFailure, type Failure } from '../api/failure.ts';
import { TaskApi } from '../api/task-api.ts';
import { TaskList } from './task-list.ts';

export type Session =
  | { readonly kind: 'checking' }
  | { readonly kind: 'unknown'; readonly failure: Failure }
  | { readonly kind: 'signed-out'; readonly notice?: string }
  | { readonly kind: 'signed-in'; readonly user: accounts.User; readonly tasks: TaskList };

/** Who uses the page. */
export const session = signal<Session>({ kind: 'checking' });

/** Finds out whether the browser has a session. */
export async function resume(): Promise<void> {
  session.value = { kind: 'checking' };
  try {
    await enter();
  } catch (error) {
    session.value = { kind: 'unknown', failure: asFailure(error) };
  }
}

/** @throws Failure */
export async function signUp(account: accounts.Credentials & { readonly name: string }): Promise<void> {
  await accounts.signUp(account);
  await enter();
}

/**
 * Signs in. If the session of the same user has ended, the page continues with what it could not save.
 *
 * @throws Failure
 */
export async function signIn(credentials: accounts.Credentials): Promise<void> {
  await accounts.signIn(credentials);
  await enter();
}

/** @throws Failure */
export async function signOut(): Promise<void> {
  await accounts.signOut();
  session.value = { kind: 'signed-out', notice: 'You are signed out.' };
}

/** @throws Failure */
export async function deleteAccount(password: string): Promise<void> {
  await accounts.deleteAccount(password);
  session.value = { kind: 'signed-out', notice: 'Your account and your tasks are deleted.' };
}

async function enter(): Promise<void> {
  const user = await accounts.currentUser();
  if (user === undefined) {
    session.value = { kind: 'signed-out' };
    return;
  }
  const before = session.peek();
  const known = before.kind === 'signed-in' && before.user.id === user.id ? before.tasks : undefined;
  const tasks = known ?? new TaskList(new TaskApi(user.id));
  session.value = { kind: 'signed-in', user, tasks };
  void tasks.recover();
}
