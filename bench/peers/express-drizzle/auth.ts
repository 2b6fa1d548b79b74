import type { RequestHandler } from 'express';
import jwt from 'jsonwebtoken';
import { HttpError } from './errors.ts';

declare module 'express-serve-static-core' {
  interface Request {
    userId: string;
  }
}

export function authenticate(secret: string): RequestHandler {
  return (req, _res, next) => {
    const [scheme, token] = req.headers.authorization?.split(' ') ?? [];
    if (scheme !== 'Bearer' || !token) throw new HttpError(401, 'Sign in first');
    req.userId = subject(token, secret);
    next();
  };
}

export const ownPath: RequestHandler<{ user_id: string }> = (req, _res, next) => {
  if (req.params.user_id !== req.userId) throw new HttpError(403, 'These are not your tasks');
  next();
};

function subject(token: string, secret: string): string {
  try {
    const { sub } = jwt.verify(token, secret, { algorithms: ['HS256'] }) as jwt.JwtPayload;
    if (sub) return sub;
  } catch {
    // said below
  }
  throw new HttpError(401, 'Sign in again');
}
