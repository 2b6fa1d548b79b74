import { type KeyPair, keyPair, type Signer } from '../signer.ts';

/** What an attacker has: a good token's claims, all that is public, and keys and a server of its own. */
export interface Means {
  /** Somebody whose tokens are believed. What an attack changes of such a token is all that is wrong with it. */
  readonly honest: Signer;
  /** What honest tokens say, made anew for each. */
  readonly claims: () => Record<string, unknown>;
  /** The keys that are published, with their private halves, for honest signers gone wrong. */
  readonly published: readonly KeyPair[];
  /** The secret that is shared, likewise. */
  readonly secret: string;
  /** Where the attacker's own keys are published. */
  readonly attackerUrl: string;
}

/** A token that must not be believed; `undefined` where the one who signs cannot go wrong in this way. */
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
