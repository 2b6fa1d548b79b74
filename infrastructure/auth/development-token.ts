import { createSecretKey } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import type { UserId } from '../../domain/user-id.ts';

/** A token as a frontend would sign it, for trying the server without one. @param lifetime in seconds */
export function developmentToken(secret: string, user: UserId, lifetime: number): string {
  return jsonwebtoken.sign({}, createSecretKey(secret, 'utf8'), {
    algorithm: 'HS256',
    subject: user,
    expiresIn: lifetime,
  });
}
