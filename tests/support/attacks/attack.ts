import { type KeyPair, keyPair, type Signer } from '../signer.ts';

/** What an attacker has: the claims of a valid token, everything that is public, and its own keys and server. */
export interface Means {
  /** A signer whose tokens the server accepts. An attack changes such a token in one way. */
  readonly honest: Signer;
  /** Creates the claims of a valid token. */
  readonly claims: () => Record<string, unknown>;
  /** The published keys with their private keys, for tokens that an honest signer signs wrongly. */
  readonly published: readonly KeyPair[];
  /** The shared secret, for the same purpose. */
  readonly secret: string;
  /** The URL of the attacker's server, which publishes the attacker's keys. */
  readonly attackerUrl: string;
}

/** A token that the server must refuse; `undefined` if the attack does not apply to the signer. */
export type Attack = readonly [name: string, token: (means: Means) => string | undefined];

/** The attacker's own keys. */
export const ATTACKERS = [
  keyPair('EdDSA', 'attacker-1'),
  keyPair('ES256', 'attacker-2'),
  keyPair('RS256', 'attacker-3'),
] as const;

export function now(): number {
  return Math.floor(Date.now() / 1000);
}
