import type { DisplayName } from '../domain/display-name.ts';
import type { Email } from '../domain/email.ts';
import type { Password } from '../domain/password.ts';
import type { Accounts, SignedIn } from './ports/accounts.ts';
import type { SignInGuard } from './sign-in-guard.ts';

/** Creates an account and signs it in. */
export class SignUp {
  constructor(
    private readonly accounts: Accounts,
    private readonly guard: SignInGuard,
  ) {}

  /**
   * @param newcomer.network the network that the request comes from
   * @throws EmailTaken, RateLimited
   */
  async execute({
    network,
    ...newcomer
  }: {
    network: string;
    email: Email;
    password: Password;
    name: DisplayName;
  }): Promise<SignedIn> {
    await this.guard.admit(network, newcomer.email);
    return this.accounts.signUp(newcomer);
  }
}
