/** The embedded database cannot run. The message explains the problem and the remedy in one line. */
export class EmbeddedPostgresUnavailable extends Error {
  override readonly name = 'EmbeddedPostgresUnavailable';
}
