/** Why users cannot be linked as things are, in words that say what to do. */
export class UserLinkRefused extends Error {
  override readonly name = 'UserLinkRefused';
}
