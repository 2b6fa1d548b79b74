/**
 * The schema, or the role that uses it, cannot be changed as asked. Nothing was changed. The message explains the reason
 * and the remedy.
 */
export class SchemaChangeRefused extends Error {
  override readonly name = 'SchemaChangeRefused';
}
