import { SETTING_NAMES } from './configuration.ts';
import { readEnvFile } from './env-file.ts';
import { closestSetting } from './misspelt-setting.ts';

/** Environment variables. */
export type Environment = Record<string, string | undefined>;

/** Where the settings come from. */
export interface LoadedSettings {
  /** The path of the file that was read. */
  readonly file: string | undefined;
  /** The names of the settings that the file sets. */
  readonly fromFile: ReadonlySet<string>;
  /** Settings that were written down and have no effect. Each is a sentence without values. */
  readonly warnings: readonly string[];
}

/**
 * Sets those settings in the environment that are blank there and that a `.env` file has, and removes the variables of
 * libpq. Worker processes inherit the
 * environment, so they have the same settings. Other variables of the file are ignored.
 *
 * @throws ConfigurationInvalid if there is a file, but it cannot be read
 */
export function loadSettings(environment: Environment, path?: string): LoadedSettings {
  const ignored = removeLibpqVariables(environment);
  const file = path === undefined ? undefined : readEnvFile(path);
  const values = file?.values ?? {};
  const fromFile = new Set<string>();
  const warnings = [
    ...ignored.map((name) => `${name} has no effect: connections have the settings of DATABASE_URL and no others`),
    ...(file?.warnings ?? []),
    ...findMisspelt(values, path ?? ''),
    ...findMisspelt(environment, 'the environment'),
  ];
  for (const name of SETTING_NAMES) {
    const [inFile = '', given] = [values[name], environment[name]];
    if (inFile.trim() === '' || inFile === given) continue;
    if (isBlank(given)) {
      if (given !== undefined) {
        warnings.push(`${name} is blank in the environment, which counts as not set: the value in ${path} is used`);
      }
      environment[name] = inFile;
      fromFile.add(name);
    } else {
      warnings.push(`${name} in ${path} has no effect: the environment sets another value`);
    }
  }
  if (environment.NODE_ENV === 'production' && isBlank(environment.ENVIRONMENT)) {
    warnings.push('NODE_ENV is production, but ENVIRONMENT is not set, so the rules of dev apply: set ENVIRONMENT');
  }
  return { file: file && path, fromFile, warnings };
}

/** Where a setting comes from, in words. @param names the name of a variable, or several, separated by commas */
export function describeSource(names: string, environment: Environment, { fromFile }: LoadedSettings): string {
  const given = names.split(', ');
  if (given.some((name) => fromFile.has(name))) return '.env';
  return given.every((name) => isBlank(environment[name])) ? 'default' : 'environment';
}

/** pg reads variables such as PGOPTIONS and PGSSLMODE, also for the embedded database. Returns the names. */
function removeLibpqVariables(environment: Environment): string[] {
  const names = Object.keys(environment).filter((name) => /^PG[A-Z]/.test(name));
  for (const name of names) delete environment[name];
  return names;
}

function findMisspelt(variables: Environment, place: string): string[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    const meant = isBlank(value) ? undefined : closestSetting(name);
    return meant === undefined ? [] : [`${name} in ${place} is not a setting: did you mean ${meant}?`];
  });
}

function isBlank(value: string | undefined): boolean {
  return (value ?? '').trim() === '';
}
