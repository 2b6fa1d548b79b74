import { useSignal } from '@preact/signals';
import type { User } from '../api/accounts.ts';
import { signIn } from '../state/session.ts';
import { FailureMessage } from './failure-message.tsx';
import { TextField } from './text-field.tsx';
import { useSubmit } from './use-submit.ts';

/** The form for a session that has ended. The tasks stay on the page, with everything that is not saved. */
export function SignInAgain({ user }: { user: User }) {
  const email = useSignal(user.email);
  const password = useSignal('');
  const { running, failure, submit } = useSubmit(() => signIn({ email: user.email, password: password.value }));
  return (
    <section class="notice" aria-labelledby="again">
      <h2 id="again">Your session has ended</h2>
      <p role="alert">Sign in again to save your changes. Nothing on this page is lost.</p>
      <form onSubmit={submit}>
        <TextField label="E-mail" value={email} type="email" autocomplete="username" readonly />
        <TextField label="Password" value={password} focused type="password" autocomplete="current-password" required />
        {failure.value && <FailureMessage text={failure.value.message} />}
        <button type="submit" class="primary" aria-disabled={running.value}>
          Sign in
        </button>
      </form>
    </section>
  );
}
