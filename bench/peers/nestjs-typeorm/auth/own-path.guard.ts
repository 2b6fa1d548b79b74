import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import type { SignedInRequest } from './auth.guard.ts';

@Injectable()
export class OwnPathGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { params, user } = context.switchToHttp().getRequest<SignedInRequest>();
    if (params.user_id !== user?.sub) throw new ForbiddenException('These are not your tasks');
    return true;
  }
}
