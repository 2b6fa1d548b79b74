import { createSecretKey } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import type { UserId } from '../../domain/user-id.ts';
import type { TokenRules } from './token-rules.ts';

/**
 * A token as a frontend would sign it, for trying the server without one.
 *
 * @param rules what the server asks of tokens
 * @param lifetime in seconds
 */
export function developmentToken(
  secret: string,
  { issuers: [iss], audiences: [aud], userIdClaim }: TokenRules,
  user: UserId,
  lifetime: number,
): string {
  const names = { ...(iss === undefined ? {} : { iss }), ...(aud === undefined ? {} : { aud }) };
  return jsonwebtoken.sign({ ...names, [userIdClaim]: user }, createSecretKey(secret, 'utf8'), {
    algorithm: 'HS256',
    expiresIn: lifetime,
  });
}
