/** A connection string is not usable. The message says why, as a phrase after the name of the setting, without secrets. */
export class ConnectionStringInvalid extends Error {
  override readonly name = 'ConnectionStringInvalid';
}
