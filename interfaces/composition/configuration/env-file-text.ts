import { isUtf8 } from 'node:buffer';
import { ConfigurationInvalid } from './configuration.ts';

const MAX_BYTES = 262_144;
const NEWLINE = 10;

/**
 * The text of a `.env` file. It must be UTF-8, with or without a byte order mark.
 *
 * @throws ConfigurationInvalid if the bytes are something else
 */
export function decodeEnvFile(bytes: Buffer, path: string): string {
  const refuse = (reason: string) => new ConfigurationInvalid([`${path} ${reason}`]);
  if (bytes.length > MAX_BYTES) throw refuse(`has ${bytes.length} bytes; a file of settings has at most ${MAX_BYTES}`);
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || bytes.includes(0)) {
    throw refuse('is UTF-16, as some editors and PowerShell write files: save it as UTF-8');
  }
  if (!isUtf8(bytes)) {
    throw refuse(`has a byte in line ${findInvalidLine(bytes)} that is not UTF-8: save it as UTF-8`);
  }
  return new TextDecoder().decode(bytes); // removes the byte order mark
}

/** The number of the first line that is not UTF-8, from 1. No character of UTF-8 contains the byte of a line break. */
function findInvalidLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const found = bytes.indexOf(NEWLINE, start);
    const end = found < 0 ? bytes.length : found;
    if (!isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
  return line;
}
