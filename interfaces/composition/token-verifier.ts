import type { Logger } from 'pino';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import { JwksTokenVerifier } from '../../infrastructure/auth/jwks-token-verifier.ts';
import { type KeySet, StaticKeySet } from '../../infrastructure/auth/key-set.ts';
import { RemoteKeySet } from '../../infrastructure/auth/remote-key-set.ts';
import { SharedSecretTokenVerifier } from '../../infrastructure/auth/shared-secret-token-verifier.ts';
import { TokenCache } from '../../infrastructure/auth/token-cache.ts';
import { TokenVerifierByAlgorithm } from '../../infrastructure/auth/token-verifier-by-algorithm.ts';
import { describeCause } from '../../infrastructure/error-code.ts';
import type { Configuration } from './configuration/configuration.ts';
import { describeKeySet, type KeySetSettings } from './configuration/token-settings.ts';

/** The verifier for the kinds of tokens that are configured, and for no others. */
export function tokenVerifier(
  { secret, tokenRules, keySet }: Pick<Configuration, 'secret' | 'tokenRules' | 'keySet'>,
  log: Logger,
): TokenVerifier {
  const known = new TokenCache(tokenRules.clockTolerance);
  const bySecret = secret === undefined ? undefined : new SharedSecretTokenVerifier(secret, tokenRules, known);
  const byKeySet = keySet && new JwksTokenVerifier(keysOf(keySet, log), keySet.rules, known);
  if (bySecret && byKeySet) return new TokenVerifierByAlgorithm(bySecret, byKeySet, known);
  const verifier = bySecret ?? byKeySet;
  if (verifier === undefined) throw new Error('a server without a secret and without a key set lets nobody in');
  return verifier;
}

function keysOf(keySet: KeySetSettings, log: Logger): KeySet {
  const { source } = keySet;
  if (typeof source !== 'string') return new StaticKeySet(source);
  return new RemoteKeySet(source, (error) => {
    // Of a fetch that failed, why it did is in the cause.
    const told = describeCause(error instanceof Error ? (error.cause ?? error) : error);
    log.warn({ keys: describeKeySet(keySet), reason: told }, 'the key set could not be fetched');
  });
}
