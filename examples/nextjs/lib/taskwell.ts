import { createAuthClient } from 'better-auth/client';
import { jwtClient } from 'better-auth/client/plugins';

export const authClient = createAuthClient({ plugins: [jwtClient()] });

export async function taskwell(path: string, init: RequestInit = {}) {
  const { data } = await authClient.token();
  if (data === null) throw new Error('Sign in first');
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${data.token}` };
  const response = await fetch(`${process.env.NEXT_PUBLIC_API_URL}${path}`, { ...init, headers });
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail);
  return body;
}

export async function listTasks() {
  const { data } = await authClient.getSession();
  return (await taskwell(`/api/${data?.user.id}/tasks`)).tasks;
}
