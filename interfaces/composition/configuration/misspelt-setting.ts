import { SETTING_NAMES } from './configuration.ts';
import { isSimilar } from './similar-words.ts';

/** Short names resemble names of other programs: `HOME` is two edits away from `HOST`. */
const LONG_NAME = 8;

/** The setting that an unknown variable was probably meant to be; `undefined` if it resembles none. */
export function closestSetting(variable: string): string | undefined {
  if (SETTING_NAMES.includes(variable)) return undefined;
  const upper = variable.toUpperCase();
  return (
    SETTING_NAMES.find((name) => isSimilar(upper, name, name.length >= LONG_NAME ? 2 : 1)) ??
    SETTING_NAMES.find((name) => upper.length >= LONG_NAME && name.endsWith(`_${upper}`))
  );
}
