import type { Unauthenticated } from '../../application/errors.ts';
import { refused } from './refused.ts';

/** The longest token that is looked at, in characters. */
const TOKEN_MAX = 8 * 1024;

/** Three parts of base64url without padding (RFC 7515, section 7.1); five would be encrypted, two not signed. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * The algorithm that a token says it is signed with. Nothing is proven by it: it only tells which verifier to ask, and
 * each of them has its own keys and its own algorithms.
 *
 * @throws Unauthenticated for what is no JWT, or one that asks for more than a signature to be understood
 */
export function algorithmOf(token: string): string {
  if (token.length > TOKEN_MAX) throw refused('the token is too long');
  if (!COMPACT.test(token)) throw notAJwt();
  const header = objectIn(token.slice(0, token.indexOf('.')));
  if ('crit' in header || 'b64' in header) throw refused('the token demands an extension');
  if (!('alg' in header) || typeof header.alg !== 'string') throw notAJwt();
  objectIn(token.slice(token.indexOf('.') + 1, token.lastIndexOf('.')));
  return header.alg;
}

/** The JSON object in a part of a token. */
function objectIn(part: string): object {
  const json = textIn(part);
  const value = parsed(json);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notAJwt();
  if (repeatsName(json, value)) throw refused('the token says something twice');
  return value;
}

/** UTF-8 and nothing else: what takes the place of bytes that are none might be somebody else's name. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textIn(part: string): string {
  try {
    return UTF_8.decode(Buffer.from(part, 'base64url'));
  } catch {
    throw notAJwt();
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw notAJwt();
  }
}

/** Whether an object has a name twice, which RFC 7519 forbids in section 4: `JSON.parse` keeps the last and is silent. */
function repeatsName(json: string, value: object): boolean {
  // A colon follows each name: where there are no more of them than names that were kept, none was lost.
  if (json.match(/"\s*:/g)?.length === Object.keys(value).length) return false;
  const names = new Set<unknown>();
  let depth = 0;
  for (const [token, text, colon] of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (text !== undefined && colon !== undefined && depth === 1) {
      const name: unknown = JSON.parse(text);
      if (names.has(name)) return true;
      names.add(name);
    }
  }
  return false;
}

function notAJwt(): Unauthenticated {
  return refused('the token is not a JWT');
}
