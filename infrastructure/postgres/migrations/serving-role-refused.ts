/** The role of the server cannot be created or granted its rights. The message explains the remedy. */
export class ServingRoleRefused extends Error {
  override readonly name = 'ServingRoleRefused';
}
