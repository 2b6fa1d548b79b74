import { ensureDevelopmentSecret } from '../../infrastructure/auth/development-secret.ts';
import { errorCode } from '../../infrastructure/error-code.ts';
import type { Configuration } from './configuration/configuration.ts';
import { isSecret } from './configuration/token-settings.ts';
import { OperatorError } from './operator-error.ts';

/** The secret in force. */
export interface SharedSecret {
  readonly value: string;
  /** For people: where it comes from. */
  readonly about: string;
}

/**
 * Finds the secret for tokens signed with HS256: the configured one or, in dev, one that the data folder keeps.
 * `undefined` if only a key set is configured.
 *
 * @throws OperatorError if the data folder cannot be used
 */
export async function findSharedSecret(configuration: Configuration): Promise<SharedSecret | undefined> {
  const { secret, environment, dataDir } = configuration;
  if (secret !== undefined) return { value: secret, about: 'as set in BETTER_AUTH_SECRET' };
  if (environment !== 'dev') return undefined;
  const { secret: value, file, made } = await secretInDataFolder(dataDir);
  if (!isSecret(value)) {
    throw new OperatorError(`${file} holds no usable secret: delete it, and the next start makes a new one`);
  }
  const about = `${made ? 'made just now and kept' : 'kept'} in ${file}; your frontend needs the same as BETTER_AUTH_SECRET`;
  return { value, about };
}

async function secretInDataFolder(dataDir: string): ReturnType<typeof ensureDevelopmentSecret> {
  try {
    return await ensureDevelopmentSecret(dataDir);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    throw new OperatorError(
      `The data folder ${dataDir} is not usable (${errorCode(error)}): set DATA_DIR to one that can be written`,
    );
  }
}
