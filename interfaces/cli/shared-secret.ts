import { developmentSecret } from '../../infrastructure/auth/development-secret.ts';
import type { Configuration } from '../../infrastructure/configuration.ts';

/** The secret in force. */
export interface SharedSecret {
  readonly value: string;
  /** For people: where it comes from. */
  readonly about: string;
}

/** The configured secret; in dev, where none is, one of the data folder's own. */
export async function sharedSecret({ secret, dataDir }: Configuration): Promise<SharedSecret> {
  if (secret !== undefined) return { value: secret, about: 'as set in BETTER_AUTH_SECRET' };
  const { secret: value, file, made } = await developmentSecret(dataDir);
  return {
    value,
    about: `${made ? 'made just now and kept' : 'kept'} in ${file}; your frontend needs the same as BETTER_AUTH_SECRET`,
  };
}
