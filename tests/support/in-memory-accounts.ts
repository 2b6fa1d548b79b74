import { CredentialsInvalid, EmailTaken } from '../../application/application-errors.ts';
import type { Accounts, SignedIn } from '../../application/ports/accounts.ts';
import { UserId } from '../../domain/user-id.ts';
import { tokenFor } from './running-app.ts';

/** Accounts in memory, whose tokens are signed with the secret of the tests. */
export class InMemoryAccounts implements Accounts {
  private readonly accounts = new Map<string, { readonly password: string; readonly signedIn: SignedIn }>();

  async signUp({ email, password, name }: Parameters<Accounts['signUp']>[0]): Promise<SignedIn> {
    if (this.accounts.has(email)) throw new EmailTaken();
    const id = UserId(crypto.randomUUID());
    const now = new Date().toISOString();
    const signedIn = { account: { id, email, name, createdAt: now, updatedAt: now }, token: tokenFor(id) };
    this.accounts.set(email, { password, signedIn });
    return signedIn;
  }

  async signIn({ email, password }: Parameters<Accounts['signIn']>[0]): Promise<SignedIn> {
    const found = this.accounts.get(email);
    if (found === undefined || found.password !== password) throw new CredentialsInvalid();
    return found.signedIn;
  }
}
