import { createSecretKey } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import type { UserId } from '../../domain/user-id.ts';
import type { TokenRules } from './token-rules.ts';

/**
 * Signs a token as a frontend does, for trying the server without a frontend.
 *
 * @param rules the rules of the server that will accept the token
 * @param lifetime in seconds
 */
export function createDevelopmentToken(
  secret: string,
  { issuers: [iss], audiences: [aud], userIdClaim }: TokenRules,
  user: UserId,
  lifetime: number,
): string {
  return jsonwebtoken.sign({ iss, aud, [userIdClaim]: user }, createSecretKey(secret, 'utf8'), {
    algorithm: 'HS256',
    expiresIn: lifetime,
  });
}
