import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';

@Module({
  imports: [
    JwtModule.registerAsync({
      global: true,
      useFactory: () => ({
        secret: process.env.BETTER_AUTH_SECRET ?? '',
        verifyOptions: { algorithms: ['HS256'] },
      }),
    }),
  ],
})
export class AuthModule {}
