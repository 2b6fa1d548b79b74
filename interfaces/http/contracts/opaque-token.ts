import { createHash } from 'node:crypto';

/**
 * Tokens that stand for a place in the data of a user: clients send them back as they are. They are not secret. The digest
 * detects a token that was changed, or that is used for another user or another query. It has no key, so anybody can make
 * a token: check its parts. What it can reach is limited by the user of the request in any case.
 */

const DIGEST_CHARACTERS = 16;

/**
 * Makes a token.
 *
 * @param parts what it stands for, as text without line breaks
 * @param scope whose token it is, and for what
 */
export function sealToken(parts: readonly (string | number)[], scope: readonly string[]): string {
  const content = parts.join('\n');
  return Buffer.from(`${digest(content, scope)}${content}`).toString('base64url');
}

/** Returns the parts of a token; `undefined` if `sealToken` did not make it with the same scope. */
export function openToken(token: string, scope: readonly string[]): readonly string[] | undefined {
  const text = Buffer.from(token, 'base64url').toString();
  const content = text.slice(DIGEST_CHARACTERS);
  return text === `${digest(content, scope)}${content}` ? content.split('\n') : undefined;
}

/** The number that a part of a token stands for; `undefined` unless it is a whole number. */
export function numberIn(part: string | undefined): number | undefined {
  const number = Number(part);
  return part !== undefined && /^\d+$/.test(part) && Number.isSafeInteger(number) ? number : undefined;
}

function digest(content: string, scope: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify([...scope, content]));
  return hash.digest('base64url').slice(0, DIGEST_CHARACTERS);
}
