import { readFileSync, statSync } from 'node:fs';
import { parse } from 'dotenv';
import { errorCode } from '../../../infrastructure/error-code.ts';
import { ConfigurationInvalid, SETTING_NAMES } from './configuration.ts';
import { decodeEnvFile } from './env-file-text.ts';

/** What a `.env` file contains. */
export interface EnvFile {
  readonly values: Readonly<Record<string, string>>;
  /** Lines that do not set what they seem to set. Each is a sentence without values. */
  readonly warnings: readonly string[];
}

/**
 * Reads a `.env` file by the rules of dotenv. `undefined` if there is none.
 *
 * @throws ConfigurationInvalid if it cannot be read
 */
export function readEnvFile(path: string): EnvFile | undefined {
  const bytes = readBytes(path);
  if (bytes === undefined) return undefined;
  const text = decodeEnvFile(bytes, path);
  const values = parse(text);
  return { values, warnings: findIneffectiveLines(text, values).map((warning) => `${path}, ${warning}`) };
}

function readBytes(path: string): Buffer | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (stat.isFile() || stat.isCharacterDevice()) return readFileSync(path); // /dev/null is an empty file
  } catch (error) {
    throw new ConfigurationInvalid([
      `${path} cannot be read (${errorCode(error) ?? 'unknown'}): grant the right to read it, or remove it`,
    ]);
  }
  throw new ConfigurationInvalid([`${path} is not a file: replace it with a file of settings, or remove it`]);
}

function findIneffectiveLines(text: string, values: Readonly<Record<string, string>>): string[] {
  const warnings: string[] = [];
  const lineOf = new Map<string, number>();
  for (const [index, line] of text.split(/\r\n?|\n/).entries()) {
    const number = index + 1;
    const [name] = Object.keys(parse(line));
    if (name === undefined) {
      if (!/^\s*(#|$)/.test(line) && !isWithinValue(line, values)) {
        warnings.push(`line ${number} is ignored: it is not of the form NAME=value`);
      }
    } else if (SETTING_NAMES.includes(name)) {
      if (values[name] === undefined) {
        warnings.push(`line ${number} does not set ${name}: a quote that opens above it is not closed`);
      } else if (isCutOff(line)) {
        warnings.push(`line ${number} cuts ${name} off at the #: put the value in quotes`);
      }
      const earlier = lineOf.get(name);
      if (earlier !== undefined) {
        warnings.push(`line ${earlier} has no effect: line ${number} sets ${name} again`);
      }
      lineOf.set(name, number);
    }
  }
  return warnings;
}

/** Whether a line belongs to a value of several lines, whose last line has the closing quote. */
function isWithinValue(line: string, values: Readonly<Record<string, string>>): boolean {
  const part = line.replace(/["'`]\s*(#.*)?$/, '').trim();
  return Object.values(values).some((value) => value.includes('\n') && value.includes(part));
}

/** Whether a comment begins within a word. dotenv ends a value without quotes at every `#`. */
function isCutOff(line: string): boolean {
  const hash = line.indexOf('#');
  if (hash < 0) return false;
  const assigned = line.slice(0, hash);
  return /\S$/.test(assigned) && !/^[^=:]*[=:]\s*["'`]/.test(assigned);
}
