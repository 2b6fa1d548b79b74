import { UserId } from '../../domain/user-id.ts';
import { developmentToken } from '../../infrastructure/auth/development-token.ts';
import type { Configuration } from '../composition/configuration/configuration.ts';
import type { SharedSecret } from '../composition/shared-secret.ts';
import { CONTRACTS } from '../http/contracts/contracts.ts';
import { VERSION } from '../http/server/package-version.ts';

/** Seconds for which the token in the first request holds: a day. */
const DEMO_LIFETIME = 24 * 60 * 60;

/** For whoever has just started it: where everything is, and a first request that works as it stands. */
export function welcome(
  url: string,
  { contract, tokenRules }: Configuration,
  database: string,
  secret: SharedSecret,
): string {
  const demo = UserId('demo');
  const path = CONTRACTS.find(({ name }) => name === contract)?.path.replace(':user_id', demo);
  const token = developmentToken(secret.value, tokenRules, demo, DEMO_LIFETIME);
  return `
Taskwell ${VERSION} is ready at ${url}

  contract  ${contract}; the others are listed at ${url}/
  try it    ${url}/docs
  database  ${database}
  secret    ${secret.about}

The tasks of a demo user, with a token that holds for a day:

  curl -H 'Authorization: Bearer ${token}' ${url}${path}

`;
}
