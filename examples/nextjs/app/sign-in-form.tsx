'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { authClient } from '../lib/taskwell';
import { useAttempt } from './use-attempt';

/** The form to sign in or to create an account. */
export function SignInForm() {
  const router = useRouter();
  const [isNew, setIsNew] = useState(false);
  const { running, error, attempt } = useAttempt();

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const entered = (field: string) => String(form.get(field));
    const credentials = { email: entered('email'), password: entered('password') };
    void attempt(async () => {
      const { error: refusal } = isNew
        ? await authClient.signUp.email({ name: entered('name'), ...credentials })
        : await authClient.signIn.email(credentials);
      if (refusal !== null) throw new Error(refusal.message ?? refusal.statusText);
      router.refresh();
    });
  };

  return (
    <main className="card">
      <h1>{isNew ? 'Create an account' : 'Sign in'}</h1>
      <form onSubmit={submit}>
        {isNew && (
          <label>
            Name
            <input name="name" autoComplete="name" required />
          </label>
        )}
        <label>
          E-mail
          <input name="email" type="email" autoComplete="username" required />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete={isNew ? 'new-password' : 'current-password'} required />
        </label>
        {error !== undefined && <p role="alert">{error}</p>}
        <button type="submit" className="primary" aria-disabled={running}>
          {isNew ? 'Create account' : 'Sign in'}
        </button>
      </form>
      <p>
        {isNew ? 'You have an account? ' : 'New here? '}
        <button type="button" className="link" onClick={() => setIsNew(!isNew)}>
          {isNew ? 'Sign in' : 'Create an account'}
        </button>
      </p>
    </main>
  );
}
