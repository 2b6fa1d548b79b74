import type { CryptoKey, JWSHeaderParameters } from 'jose';
import type { PublicKeys } from './public-keys.ts';
import { refused } from './refused.ts';

/** Where the keys are that tokens are verified with. */
export interface KeySet {
  /**
   * @throws Unauthenticated when there is no such key
   * @throws KeySetUnavailable when that cannot be told at the moment
   */
  keyFor(header: JWSHeaderParameters): Promise<CryptoKey>;
}

/** Keys that were given with the configuration and never change. */
export class StaticKeySet implements KeySet {
  constructor(private readonly keys: PublicKeys) {}

  async keyFor(header: JWSHeaderParameters): Promise<CryptoKey> {
    const key = await this.keys.find(header);
    if (key === undefined) throw unknownKey();
    return key;
  }
}

export function unknownKey() {
  return refused('the token is signed with an unknown key');
}
