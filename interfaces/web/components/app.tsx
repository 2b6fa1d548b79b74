import { resume, session } from '../state/session.ts';
import { FailureMessage } from './failure-message.tsx';
import { SignIn } from './sign-in.tsx';
import { TaskScreen } from './task-screen.tsx';

/** The page, by who uses it. */
export function App() {
  const now = session.value;
  switch (now.kind) {
    case 'checking':
      return <main class="card quiet" aria-busy="true" />;
    case 'unknown':
      return (
        <main class="card">
          <h1>Taskwell</h1>
          <FailureMessage text={now.failure.message}>
            <button type="button" onClick={() => void resume()}>
              Try again
            </button>
          </FailureMessage>
        </main>
      );
    case 'signed-out':
      return <SignIn notice={now.notice} />;
    case 'signed-in':
      return <TaskScreen key={now.user.id} user={now.user} tasks={now.tasks} />;
  }
}
