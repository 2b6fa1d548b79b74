import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import type { TaskRepository } from '../../application/ports/task-repository.ts';
import { UserId } from '../../domain/user-id.ts';
import type { BetterAuthAccounts } from '../../infrastructure/accounts/better-auth-accounts.ts';
import type { ResolvedConfiguration } from './configuration/configuration.ts';
import { deriveSignInSecret } from './shared-secret.ts';

/**
 * Creates the accounts of this server. An account that is deleted takes its tasks with it.
 *
 * @param accounts their class; absent: this server signs nobody in
 */
export function createAccounts(
  accounts: typeof BetterAuthAccounts | undefined,
  { databaseUrl, corsOrigins, environment, signIn, secret }: ResolvedConfiguration,
  tasks: TaskRepository,
  clock: Clock,
  log: Logger,
): BetterAuthAccounts | undefined {
  if (accounts === undefined || signIn === undefined) return undefined;
  return new accounts({
    databaseUrl,
    publicUrl: signIn.publicUrl,
    tokenHours: signIn.tokenHours,
    secret: signIn.secret ?? deriveSignInSecret(secret),
    trustedOrigins: corsOrigins,
    trustsLoopback: environment === 'dev',
    clock,
    log,
    beforeDelete: async (user) => void (await tasks.ownedBy(UserId(user)).removeAll()),
  });
}
