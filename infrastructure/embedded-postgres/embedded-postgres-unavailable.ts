/** The embedded database cannot run. The message tells the operator in one line what is wrong and what to do. */
export class EmbeddedPostgresUnavailable extends Error {
  override readonly name = 'EmbeddedPostgresUnavailable';
}
