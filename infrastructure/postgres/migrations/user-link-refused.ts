/** Tasks cannot be linked to the users of this database. The message says why and what to do. */
export class UserLinkRefused extends Error {
  override readonly name = 'UserLinkRefused';
}
