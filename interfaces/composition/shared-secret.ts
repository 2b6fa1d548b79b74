import { hkdfSync } from 'node:crypto';
import { ensureDevelopmentSecret } from '../../infrastructure/auth/development-secret.ts';
import { errorCode } from '../../infrastructure/error-code.ts';
import type { Configuration } from './configuration/configuration.ts';
import { isSecret } from './configuration/token-schemas.ts';
import { OperatorError } from './operator-error.ts';

/** The effective secret. */
export interface SharedSecret {
  readonly value: string;
  /** A description for operators: where the secret comes from. */
  readonly about: string;
}

/**
 * Finds the secret for tokens signed with HS256: the configured one or, in dev, the one in the data folder. `undefined` if
 * only a key set is configured.
 *
 * @throws OperatorError if the data folder cannot be used
 */
export async function findSharedSecret(configuration: Configuration): Promise<SharedSecret | undefined> {
  const { secret, environment, dataDir } = configuration;
  if (secret !== undefined) return { value: secret, about: 'as set in BETTER_AUTH_SECRET' };
  if (environment !== 'dev') return undefined;
  const stored = await ensureDevelopmentSecret(dataDir).catch((error) => {
    if (errorCode(error) === undefined) throw error;
    const remedy = 'set DATA_DIR to a writable folder';
    throw new OperatorError(`The data folder ${dataDir} is not usable (${errorCode(error)}): ${remedy}`);
  });
  const { secret: value, file, made } = stored;
  if (!isSecret(value)) {
    throw new OperatorError(`${file} has no usable secret: delete it, and the next start generates a new one`);
  }
  const about = `${made ? 'generated and stored' : 'stored'} in ${file}; set your frontend's BETTER_AUTH_SECRET to it`;
  return { value, about };
}

/** The secret of the own accounts in dev, where the shared secret is the only one that is kept. */
export function deriveSignInSecret(shared: string | undefined): string {
  if (shared === undefined) throw new Error('there is no secret to derive another from');
  return Buffer.from(hkdfSync('sha256', shared, '', 'taskwell sign-in', 32)).toString('base64url');
}
