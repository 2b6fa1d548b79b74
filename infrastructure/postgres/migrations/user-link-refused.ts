/** Tasks cannot be linked to the users of this database. The message explains the reason and the remedy. */
export class UserLinkRefused extends Error {
  override readonly name = 'UserLinkRefused';
}
