import { headers } from 'next/headers';
import { auth } from '../lib/auth';
import { SignInForm } from './sign-in-form';
import { TaskPage } from './task-page';

export default async function Page() {
  const session = await auth.api.getSession({ headers: await headers() });
  if (session === null) return <SignInForm />;
  const { id, name } = session.user;
  return <TaskPage user={{ id, name }} />;
}
