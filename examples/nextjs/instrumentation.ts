/** Creates the tables of Better Auth that are missing, before the app answers its first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { getMigrations } = await import('better-auth/db/migration');
  const { auth } = await import('./lib/auth');
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
}
