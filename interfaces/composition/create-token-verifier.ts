import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import { CachingTokenVerifier } from '../../infrastructure/auth/caching-token-verifier.ts';
import { JwksTokenVerifier } from '../../infrastructure/auth/jwks-token-verifier.ts';
import type { KeySet } from '../../infrastructure/auth/public-keys.ts';
import {
  DEVELOPMENT_FETCH_TIMES,
  FETCH_TIMES,
  type FetchTimes,
  RemoteKeySet,
} from '../../infrastructure/auth/remote-key-set.ts';
import { SharedSecretTokenVerifier } from '../../infrastructure/auth/shared-secret-token-verifier.ts';
import { TokenVerifierByAlgorithm } from '../../infrastructure/auth/token-verifier-by-algorithm.ts';
import { describeCause } from '../../infrastructure/error-code.ts';
import type { Configuration } from './configuration/configuration.ts';
import { describeKeySet, type KeySetSettings } from './configuration/token-settings.ts';

/** Creates the verifier for the configured kinds of tokens. */
export function createTokenVerifier(
  { secret, tokenRules, keySet, environment }: Pick<Configuration, 'secret' | 'tokenRules' | 'keySet' | 'environment'>,
  log: Logger,
  clock: Clock,
): TokenVerifier {
  const bySecret = secret === undefined ? undefined : new SharedSecretTokenVerifier(secret, tokenRules, clock);
  const times = environment === 'dev' ? DEVELOPMENT_FETCH_TIMES : FETCH_TIMES;
  const byKeySet = keySet && new JwksTokenVerifier(createKeySet(keySet, times, log, clock), keySet.rules, clock);
  const verifier = bySecret && byKeySet ? new TokenVerifierByAlgorithm(bySecret, byKeySet) : (bySecret ?? byKeySet);
  if (verifier === undefined) throw new Error('the configuration has neither a secret nor a key set');
  return new CachingTokenVerifier(verifier, tokenRules.clockTolerance, clock);
}

function createKeySet(keySet: KeySetSettings, times: FetchTimes, log: Logger, clock: Clock): KeySet {
  const { source } = keySet;
  if (typeof source !== 'string') return source;
  const warn = (error: unknown) => {
    // The reason of a failed fetch is in its cause.
    const reason = describeCause(error instanceof Error ? (error.cause ?? error) : error);
    log.warn({ keys: describeKeySet(keySet), reason }, 'the key set could not be fetched');
  };
  return new RemoteKeySet(source, warn, clock, times);
}
