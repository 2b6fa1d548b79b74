import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import type { Request } from 'express';

export interface SignedInRequest extends Request {
  user?: { sub: string };
}

@Injectable()
export class AuthGuard implements CanActivate {
  constructor(private readonly jwtService: JwtService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<SignedInRequest>();
    const token = bearerToken(request);
    if (!token) throw new UnauthorizedException('Sign in first');
    const { sub } = await this.verified(token);
    if (!sub) throw new UnauthorizedException('Sign in again');
    request.user = { sub };
    return true;
  }

  private async verified(token: string): Promise<{ sub?: string }> {
    try {
      return await this.jwtService.verifyAsync<{ sub?: string }>(token);
    } catch {
      throw new UnauthorizedException('Sign in again');
    }
  }
}

function bearerToken(request: Request): string | undefined {
  const [type, token] = request.headers.authorization?.split(' ') ?? [];
  return type === 'Bearer' ? token : undefined;
}
