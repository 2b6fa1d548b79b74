/** Stands for the wildcard while an origin is parsed as a URL. */
const PLACEHOLDER = 'x0wildcard0x';
/** Two labels that belong to a registry, such as `co.uk`. */
const COUNTRY_SUFFIX = /^(ac|co|com|edu|go|gob|gouv|gov|mil|ne|net|or|org)\.[a-z]{2}$/;

/**
 * Normalizes an origin as browsers send it, in lower case and with an international name in its ASCII form. An origin of
 * http or https may have one wildcard in one label of its host, such as `https://*.vercel.app`. Other schemes are those of
 * desktop and mobile apps and of browser extensions, such as `tauri://localhost`.
 *
 * @throws RangeError with the reason, which starts with a verb: the subject is the origin
 */
export function parseOrigin(text: string): string {
  if (text === '*') throw new RangeError('would allow every page: list your origins');
  if (text === 'null') throw new RangeError('is sent by sandboxed pages and local files of any author');
  const [, scheme, host = '', rest = ''] = /^([a-z][a-z\d+.-]*):\/\/([^/?#\\]*)(.*)$/is.exec(text) ?? [];
  if (scheme === undefined) throw new RangeError('has no scheme such as https://');
  if (host === '') throw new RangeError('has no host');
  if (host.includes('@')) throw new RangeError('has a user or a password');
  if (!/^\/?$/.test(rest)) throw new RangeError('has a path, a query or a fragment');
  return /^https?$/i.test(scheme) ? webOrigin(scheme, host) : appOrigin(scheme, host);
}

function webOrigin(scheme: string, host: string): string {
  const parts = host.split('*');
  if (parts.length > 2) throw new RangeError('has more than one wildcard');
  if (/:[^\]]*\*/.test(host)) throw new RangeError('has a wildcard in its port');
  const address = `${scheme}://${parts.join(PLACEHOLDER)}`;
  if (!URL.canParse(address)) throw new RangeError('has a host or a port that is not valid');
  const { hostname, origin } = new URL(address);
  if (parts.length === 2) checkWildcard(hostname);
  return origin.replace(PLACEHOLDER, '*');
}

/** A wildcard must not stand for a domain that anybody can register. */
function checkWildcard(hostname: string): void {
  const labels = hostname.split('.').filter((label) => label !== '');
  const at = labels.findIndex((label) => label.includes(PLACEHOLDER));
  if (labels[at]?.startsWith('xn--')) throw new RangeError('has a wildcard within an international name');
  const domain = labels.slice(at + 1);
  if (domain.length < 2 || COUNTRY_SUFFIX.test(domain.join('.'))) {
    throw new RangeError('has a wildcard that is not below a domain, such as https://*.example.com');
  }
}

function appOrigin(scheme: string, host: string): string {
  if (host.includes('*')) throw new RangeError('has a wildcard, which only http and https may have');
  if (!/^[\w.:-]+$/.test(host)) throw new RangeError('has a host that is not valid');
  return `${scheme}://${host}`.toLowerCase();
}
