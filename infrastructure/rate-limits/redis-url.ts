import { findEncodingFault } from '../url-encoding.ts';

/** Why a text is not the URL of a Redis server, as a phrase without a part of it; `undefined` if it is one. */
export function findRedisUrlFault(text: string): string | undefined {
  const fault = findEncodingFault(text);
  if (fault !== undefined) return fault;
  if (!URL.canParse(text)) return 'has a host or a port that is not valid';
  const { hostname, pathname } = new URL(text);
  if (hostname === '') return 'names no host';
  return /^(\/\d*)?$/.test(pathname) ? undefined : 'has a path that is not the number of a database, such as /0';
}

/** The URL with its credentials masked and without its query. If it is not usable, only its scheme and its length. */
export function maskRedisUrl(text: string): string {
  if (findRedisUrlFault(text) !== undefined) {
    return `${/^rediss?:\/\//.exec(text)?.[0] ?? ''}… (${text.length} characters)`;
  }
  const { protocol, username, password, host, pathname } = new URL(text);
  return `${protocol}//${username + password === '' ? '' : '********@'}${host}${pathname}`;
}
