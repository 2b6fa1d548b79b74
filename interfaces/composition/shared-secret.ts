import { developmentSecret } from '../../infrastructure/auth/development-secret.ts';
import { errorCode } from '../../infrastructure/error-code.ts';
import { type Configuration, isSecret } from './configuration/configuration.ts';
import { OperatorFault } from './faults.ts';

/** The secret in force. */
export interface SharedSecret {
  readonly value: string;
  /** For people: where it comes from. */
  readonly about: string;
}

/** The configured secret; in dev, where none is, one of the data folder's own. `undefined`: tokens of a key set alone. */
export async function sharedSecret({ secret, environment, dataDir }: Configuration): Promise<SharedSecret | undefined> {
  if (secret !== undefined) return { value: secret, about: 'as set in BETTER_AUTH_SECRET' };
  if (environment !== 'dev') return undefined;
  const { secret: value, file, made } = await kept(dataDir);
  if (!isSecret(value))
    throw new OperatorFault(`${file} holds no usable secret: delete it, and the next start makes a new one`);
  return {
    value,
    about: `${made ? 'made just now and kept' : 'kept'} in ${file}; your frontend needs the same as BETTER_AUTH_SECRET`,
  };
}

async function kept(dataDir: string): ReturnType<typeof developmentSecret> {
  try {
    return await developmentSecret(dataDir);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    throw new OperatorFault(
      `The data folder ${dataDir} is not usable (${errorCode(error)}): set DATA_DIR to one that can be written`,
    );
  }
}
