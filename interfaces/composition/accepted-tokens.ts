import { ALGORITHMS } from '../../infrastructure/auth/public-keys.ts';
import { type Configuration, keySetDescribed } from './configuration/configuration.ts';

/** Which tokens are believed, for the operator. */
export function acceptedTokens({ secret, keySet }: Pick<Configuration, 'secret' | 'keySet'>): string {
  return [
    secret === undefined ? [] : 'HS256 by the shared secret',
    keySet === undefined
      ? []
      : `${ALGORITHMS.join(', ')} by ${keySetDescribed(keySet)} (iss ${keySet.rules.issuers.join(' or ')}, aud ${keySet.rules.audiences.join(' or ')})`,
  ]
    .flat()
    .join('; ');
}
