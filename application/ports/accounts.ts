import type { DisplayName } from '../../domain/display-name.ts';
import type { Email } from '../../domain/email.ts';
import type { Password } from '../../domain/password.ts';
import type { UserId } from '../../domain/user-id.ts';

/** The accounts of the users, on a server that signs its users in itself. */
export interface Accounts {
  /**
   * Creates an account and signs it in.
   *
   * @throws EmailTaken
   * @throws InvalidValue if the accounts have stricter rules for a value than its constructor
   */
  signUp(newcomer: { email: Email; password: Password; name: DisplayName }): Promise<SignedIn>;
  /**
   * Takes the same time for an unknown address as for a wrong password.
   *
   * @throws CredentialsInvalid
   */
  signIn(credentials: { email: Email; password: Password }): Promise<SignedIn>;
}

/** An account with a token that the server accepts until it expires. */
export interface SignedIn {
  readonly account: Account;
  readonly token: string;
}

export interface Account {
  readonly id: UserId;
  readonly email: string;
  readonly name: string;
  /** ISO 8601, in UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
}
