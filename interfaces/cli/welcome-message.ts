import { UserId } from '../../domain/user-id.ts';
import { createDevelopmentToken } from '../../infrastructure/auth/development-token.ts';
import type { Configuration } from '../composition/configuration/configuration.ts';
import type { SharedSecret } from '../composition/shared-secret.ts';
import type { StartedServer } from '../composition/taskwell-server.ts';
import { CONTRACTS } from '../http/contracts/contracts.ts';
import { VERSION } from '../http/server/package-version.ts';

const DEMO_TOKEN_LIFETIME_SECONDS = 24 * 60 * 60;

/** The message after a start in dev: the addresses, and a first request to copy and run. */
export function formatWelcome(
  { contract, tokenRules, signIn }: Configuration,
  { url, database, secret }: StartedServer & { readonly secret: SharedSecret },
): string {
  const user = UserId('demo');
  const path = CONTRACTS.find(({ name }) => name === contract)?.path.replace(':user_id', user);
  const token = createDevelopmentToken(secret.value, tokenRules, user, DEMO_TOKEN_LIFETIME_SECONDS);
  const page = signIn === undefined ? '' : `  sign up   ${url}/app\n`;
  return `
Taskwell ${VERSION} is ready at ${url}

  contract  ${contract}; the others are listed at ${url}/
${page}  try it    ${url}/docs
  database  ${database}
  secret    ${secret.about}

List the tasks of a demo user, with a token that is valid for a day:

  curl -H 'Authorization: Bearer ${token}' ${url}${path}

`;
}
