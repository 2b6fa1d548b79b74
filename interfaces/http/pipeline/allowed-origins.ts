import { parseOrigin } from './origin-pattern.ts';

/** The origins whose pages may call the server. */
export class AllowedOrigins {
  private readonly origins: ReadonlySet<string>;
  private readonly patterns: readonly RegExp[];

  /** @throws RangeError as `parseOrigin` does */
  constructor(given: readonly string[]) {
    const parsed = given.map(parseOrigin);
    this.origins = new Set(parsed.filter((text) => !text.includes('*')));
    this.patterns = parsed.filter((text) => text.includes('*')).map(patternOf);
  }

  /** @param origin the header Origin of a request */
  include(origin: string): boolean {
    const text = origin.toLowerCase();
    return this.origins.has(text) || this.patterns.some((pattern) => pattern.test(text));
  }
}

/** The wildcard stands for at least one character of one label. */
function patternOf(text: string): RegExp {
  const parts = text.split('*').map((part) => part.replace(/[^a-z\d]/g, '\\$&'));
  return new RegExp(`^${parts.join('[a-z\\d-]+')}$`);
}
