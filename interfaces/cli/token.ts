import { UserId } from '../../domain/user-id.ts';
import { developmentToken } from '../../infrastructure/auth/development-token.ts';
import type { CliContext } from '../composition/cli-context.ts';
import { readConfiguration } from '../composition/configuration/configuration.ts';
import { OperatorFault } from '../composition/faults.ts';
import { sharedSecret } from '../composition/shared-secret.ts';
import { CONTRACT_NAMES } from '../http/contracts/contracts.ts';

export interface TokenOptions {
  readonly user: string;
  /** In seconds. */
  readonly expires: number;
}

/** Prints a token for any user at all, which is why production has none of it; gives the exit code. */
export async function token({ env, stdout }: CliContext, { user, expires }: TokenOptions): Promise<number> {
  const configuration = readConfiguration(env, CONTRACT_NAMES);
  if (configuration.environment === 'production') {
    throw new OperatorFault('In production tokens come from Better Auth alone: set ENVIRONMENT to dev or staging');
  }
  const secret = await sharedSecret(configuration);
  if (secret === undefined) throw new OperatorFault('There is no secret to sign with: set BETTER_AUTH_SECRET');
  stdout.write(`${developmentToken(secret.value, configuration.tokenRules, UserId(user), expires)}\n`);
  return 0;
}
