import { existsSync } from 'node:fs';
import type { LaunchOptions } from 'playwright-core';

/** Where a browser is installed, if one is. */
export const CHROMIUM = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => existsSync(path));
if (CHROMIUM === undefined) {
  process.stderr.write('NO BROWSER: the tests of the pages are skipped; install chromium, or name one in CHROMIUM\n');
}

/** A closed network answers none of what a browser asks of its maker. */
const FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-gpu',
];

export const LAUNCH_OPTIONS: LaunchOptions = {
  executablePath: CHROMIUM ?? '',
  args: process.getuid?.() === 0 ? [...FLAGS, '--no-sandbox'] : FLAGS,
};
