import type { Email } from '../domain/email.ts';
import type { Password } from '../domain/password.ts';
import type { Accounts, SignedIn } from './ports/accounts.ts';
import type { SignInGuard } from './sign-in-guard.ts';

/** Signs a user in by e-mail address and password. */
export class SignIn {
  constructor(
    private readonly accounts: Accounts,
    private readonly guard: SignInGuard,
  ) {}

  /**
   * @param credentials.network the network that the request comes from
   * @throws CredentialsInvalid, RateLimited
   */
  async execute({ network, ...credentials }: { network: string; email: Email; password: Password }): Promise<SignedIn> {
    await this.guard.admit(network, credentials.email);
    return this.accounts.signIn(credentials);
  }
}
