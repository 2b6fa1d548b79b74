import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { User } from '../api/accounts.ts';
import { deleteAccount } from '../state/session.ts';
import { FailureMessage } from './failure-message.tsx';
import { TextField } from './text-field.tsx';
import { useSubmit } from './use-submit.ts';

/** Deletes the account, once the person has confirmed it with the password. */
export function DeleteAccount({ user }: { user: User }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const password = useSignal('');
  const email = useSignal(user.email);
  const open = () => {
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLInputElement>('[type=password]')?.focus();
  };
  const { running, failure, submit } = useSubmit(() => deleteAccount(password.value));
  return (
    <>
      <button type="button" class="link" onClick={open}>
        Delete account…
      </button>
      <dialog ref={dialog} aria-labelledby="delete-account">
        <form onSubmit={submit}>
          <h2 id="delete-account">Delete your account?</h2>
          <p>This deletes your account and all your tasks. It cannot be undone.</p>
          <TextField label="E-mail" value={email} type="email" autocomplete="username" readonly />
          <TextField label="Password" value={password} type="password" autocomplete="current-password" required />
          {failure.value && <FailureMessage text={failure.value.message} />}
          <div class="actions">
            <button type="submit" class="danger" aria-disabled={running.value}>
              Delete account
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
