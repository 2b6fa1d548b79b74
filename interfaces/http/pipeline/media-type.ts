/** A media type in lower case, and its parameters by their names in lower case. */
export interface MediaType {
  readonly type: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

const TOKEN = "[!#$%&'*+.^_`|~\\w-]+";
const TYPE = new RegExp(`^[ \\t]*(${TOKEN}/${TOKEN})(?=[ \\t]*(?:;|$))`);
/** A semicolon and a parameter, which may be missing. Its value is a token or a quoted string. */
const PARAMETER = new RegExp(`[ \\t]*;[ \\t]*(?:(${TOKEN})=(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)"))?`, 'y');

/**
 * Parses a Content-Type (RFC 9110, section 8.3.1). Parameters after one that is malformed are ignored.
 *
 * @returns undefined if the field names no media type
 */
export function parseMediaType(field: string): MediaType | undefined {
  const [start, type] = TYPE.exec(field) ?? [];
  if (start === undefined || type === undefined) return undefined;
  const parameters: [string, string][] = [];
  PARAMETER.lastIndex = start.length;
  for (let match = PARAMETER.exec(field); match !== null; match = PARAMETER.exec(field)) {
    const [, name, token, quoted = ''] = match;
    if (name !== undefined) parameters.push([name.toLowerCase(), token ?? quoted.replace(/\\(.)/g, '$1')]);
  }
  return { type: type.toLowerCase(), parameters };
}
