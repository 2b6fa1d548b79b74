'use client';

import { useRouter } from 'next/navigation';
import { useCallback, useEffect, useState } from 'react';
import type { Task } from '../lib/tasks';
import { authClient, listTasks } from '../lib/taskwell';
import { NewTask } from './new-task';
import { TaskItem } from './task-item';
import { useAttempt } from './use-attempt';

/** The tasks of the user who has signed in. */
export function TaskPage({ user }: { user: { id: string; name: string } }) {
  const router = useRouter();
  const [tasks, setTasks] = useState<readonly Task[]>();
  const { error, attempt } = useAttempt();

  const load = useCallback(() => attempt(async () => setTasks(await listTasks())), [attempt]);
  useEffect(() => void load(), [load]);

  const signOut = () =>
    attempt(async () => {
      await authClient.signOut();
      router.refresh();
    });
  const update = (change: (tasks: readonly Task[]) => readonly Task[]) => setTasks((before = []) => change(before));

  return (
    <>
      <header>
        <span>{user.name}</span>
        <button type="button" onClick={signOut}>
          Sign out
        </button>
      </header>
      <main>
        <h1>Tasks</h1>
        {error !== undefined && (
          <p role="alert">
            {error}{' '}
            <button type="button" onClick={load}>
              Load the tasks again
            </button>
          </p>
        )}
        <NewTask userId={user.id} onAdded={(task) => update((before) => [task, ...before])} />
        {tasks?.length === 0 && <p>No tasks yet. Add the first one.</p>}
        <ul>
          {tasks?.map((task) => (
            <TaskItem
              key={task.id}
              task={task}
              onChanged={(changed) => update((before) => before.map((one) => (one.id === task.id ? changed : one)))}
              onDeleted={() => update((before) => before.filter(({ id }) => id !== task.id))}
            />
          ))}
        </ul>
      </main>
    </>
  );
}
