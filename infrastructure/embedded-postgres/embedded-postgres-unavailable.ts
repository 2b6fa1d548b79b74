/**
 * There is no embedded database to be had here. The message is one line for the operator: what is wrong, and what to
 * do.
 */
export class EmbeddedPostgresUnavailable extends Error {
  override readonly name = 'EmbeddedPostgresUnavailable';
}
