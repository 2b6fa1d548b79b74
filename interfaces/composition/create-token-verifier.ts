import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import type { TokenVerifier } from '../../application/ports/token-verifier.ts';
import { CachingTokenVerifier } from '../../infrastructure/auth/caching-token-verifier.ts';
import { JwksTokenVerifier } from '../../infrastructure/auth/jwks-token-verifier.ts';
import type { KeySet, PublicKeys } from '../../infrastructure/auth/public-keys.ts';
import {
  DEVELOPMENT_FETCH_TIMES,
  FETCH_TIMES,
  type FetchTimes,
  fetchKeys,
  RemoteKeySet,
} from '../../infrastructure/auth/remote-key-set.ts';
import { SharedSecretTokenVerifier } from '../../infrastructure/auth/shared-secret-token-verifier.ts';
import type { TokenRules } from '../../infrastructure/auth/token-rules.ts';
import { TokenVerifierByAlgorithm } from '../../infrastructure/auth/token-verifier-by-algorithm.ts';
import { describeCause } from '../../infrastructure/error-code.ts';
import type { Configuration } from './configuration/configuration.ts';
import { describeKeySet, type KeySetSettings } from './configuration/token-settings.ts';

/** The keys of this server's own accounts, and the rules for their tokens. */
export interface OwnKeys {
  readonly load: () => Promise<PublicKeys>;
  readonly publicUrl: string;
}

/**
 * Creates the verifier for the configured kinds of tokens.
 *
 * @param own absent: this server has no accounts
 */
export function createTokenVerifier(
  { secret, tokenRules, keySet, environment }: Pick<Configuration, 'secret' | 'tokenRules' | 'keySet' | 'environment'>,
  log: Logger,
  clock: Clock,
  own?: OwnKeys,
): TokenVerifier {
  const bySecret = secret === undefined ? undefined : new SharedSecretTokenVerifier(secret, tokenRules, clock);
  const times = environment === 'dev' ? DEVELOPMENT_FETCH_TIMES : FETCH_TIMES;
  const byKeySet = own
    ? new JwksTokenVerifier(createOwnKeySet(own, log, clock), rulesFor(own, tokenRules), clock)
    : keySet && new JwksTokenVerifier(createKeySet(keySet, times, log, clock), keySet.rules, clock);
  const verifier = bySecret && byKeySet ? new TokenVerifierByAlgorithm(bySecret, byKeySet) : (bySecret ?? byKeySet);
  if (verifier === undefined) throw new Error('the configuration has neither a secret nor a key set');
  return new CachingTokenVerifier(verifier, clock);
}

function rulesFor({ publicUrl }: OwnKeys, { clockTolerance }: TokenRules): TokenRules {
  return { clockTolerance, userIdClaim: 'sub', issuers: [publicUrl], audiences: [publicUrl] };
}

function createOwnKeySet({ load }: OwnKeys, log: Logger, clock: Clock): KeySet {
  const warn = (error: unknown) =>
    log.warn({ reason: describeCause(error) }, 'the public keys of this server could not be read');
  return new RemoteKeySet(load, warn, clock);
}

function createKeySet(keySet: KeySetSettings, times: FetchTimes, log: Logger, clock: Clock): KeySet {
  const { source } = keySet;
  if (typeof source !== 'string') return source;
  const warn = (error: unknown) => {
    // The reason of a failed fetch is in its cause.
    const reason = describeCause(error instanceof Error ? (error.cause ?? error) : error);
    log.warn({ keys: describeKeySet(keySet), reason }, 'the key set could not be fetched');
  };
  return new RemoteKeySet((timeoutMs) => fetchKeys(source, timeoutMs), warn, clock, times);
}
