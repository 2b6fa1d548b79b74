import { Unauthenticated } from '../../application/application-errors.ts';
import type { TokenVerifier, VerifiedToken } from '../../application/ports/token-verifier.ts';

/** The maximum length of a token, in characters. */
const TOKEN_MAX_LENGTH = 8 * 1024;

/** A signed token: three parts of base64url without padding (RFC 7515, section 7.1). */
const COMPACT = /^([\w-]+)\.([\w-]+)\.[\w-]+$/;

/** Strict: replacing invalid bytes could turn one user id into another. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The content of a JWT. Do not trust it before its signature is verified. */
export interface DecodedToken {
  /** The compact form. */
  readonly text: string;
  /** The header's `alg`. It selects the verifier; each verifier has its own keys and algorithms. */
  readonly algorithm: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Verifies JWTs. It also accepts a decoded token, so that each token is decoded only once. */
export interface JwtVerifier extends TokenVerifier {
  verify(token: string | DecodedToken): Promise<VerifiedToken>;
}

/**
 * Decodes a JWT without verifying it. If a name is repeated, the last value counts (RFC 7515 and RFC 7519, section 4).
 *
 * @throws Unauthenticated if it is not a JWT, or if its header requires an extension
 */
export function decodeToken(token: string | DecodedToken): DecodedToken {
  if (typeof token !== 'string') return token;
  if (token.length > TOKEN_MAX_LENGTH) throw new Unauthenticated('the token is too long');
  const [, headerPart, claimsPart] = COMPACT.exec(token) ?? [];
  if (headerPart === undefined || claimsPart === undefined) throw notAJwt();
  const header = decodeObject(headerPart);
  if ('crit' in header || 'b64' in header) throw new Unauthenticated('the token demands an extension');
  if (typeof header.alg !== 'string') throw notAJwt();
  return { text: token, algorithm: header.alg, claims: decodeObject(claimsPart) };
}

function decodeObject(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(UTF_8.decode(Buffer.from(part, 'base64url')));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // It is not UTF-8 or not JSON.
  }
  throw notAJwt();
}

function notAJwt(): Unauthenticated {
  return new Unauthenticated('the token is not a JWT');
}
