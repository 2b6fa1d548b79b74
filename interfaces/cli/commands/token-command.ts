import { UserId } from '../../../domain/user-id.ts';
import { createDevelopmentToken } from '../../../infrastructure/auth/development-token.ts';
import type { CliContext } from '../../composition/cli-context.ts';
import { readConfiguration } from '../../composition/configuration/configuration.ts';
import { OperatorError } from '../../composition/operator-error.ts';
import { findSharedSecret } from '../../composition/shared-secret.ts';

export interface TokenOptions {
  readonly user: string;
  /** In seconds. */
  readonly expires: number;
}

/** Prints a token for any user, and therefore refuses in production. */
export async function mintToken({ env, stdout }: CliContext, { user, expires }: TokenOptions): Promise<void> {
  const configuration = readConfiguration(env);
  if (configuration.environment === 'production') {
    throw new OperatorError('In production, only Better Auth issues tokens: set ENVIRONMENT to dev or staging');
  }
  const secret = await findSharedSecret(configuration);
  if (secret === undefined) throw new OperatorError('There is no secret to sign with: set BETTER_AUTH_SECRET');
  stdout.write(`${createDevelopmentToken(secret.value, configuration.tokenRules, UserId(user), expires)}\n`);
}
