import { useSignal } from '@preact/signals';
import { signIn, signUp } from '../state/session.ts';
import { FailureMessage } from './failure-message.tsx';
import { TextField } from './text-field.tsx';
import { useSubmit } from './use-submit.ts';

/** The form to sign in or to create an account. What was typed stays when the person switches between the two. */
export function SignIn({ notice }: { notice: string | undefined }) {
  const isNew = useSignal(false);
  const name = useSignal('');
  const email = useSignal('');
  const password = useSignal('');
  const { running, failure, submit } = useSubmit(() => {
    const credentials = { email: email.value.trim(), password: password.value };
    return isNew.value ? signUp({ name: name.value.trim(), ...credentials }) : signIn(credentials);
  });
  const action = isNew.value ? 'Create account' : 'Sign in';
  return (
    <main class="card">
      <p class="brand">Taskwell</p>
      <h1>{isNew.value ? 'Create an account' : 'Sign in'}</h1>
      {notice !== undefined && <p role="status">{notice}</p>}
      <form onSubmit={submit}>
        {isNew.value && (
          <TextField label="Name" value={name} focused name="name" autocomplete="name" required pattern=".*\S.*" />
        )}
        <TextField label="E-mail" value={email} focused type="email" name="email" autocomplete="username" required />
        <TextField
          label="Password"
          value={password}
          type="password"
          name="password"
          required
          {...(isNew.value
            ? { autocomplete: 'new-password', minlength: 8, hint: 'At least 8 characters' }
            : { autocomplete: 'current-password' })}
        />
        {failure.value && <FailureMessage text={failure.value.message} />}
        <button type="submit" class="primary" aria-disabled={running.value}>
          {running.value ? 'One moment…' : action}
        </button>
      </form>
      <p class="switch">
        {isNew.value ? 'Already have an account?' : 'New here?'}{' '}
        <button
          type="button"
          class="link"
          onClick={() => {
            isNew.value = !isNew.value;
            failure.value = undefined;
          }}
        >
          {isNew.value ? 'Sign in' : 'Create an account'}
        </button>
      </p>
    </main>
  );
}
