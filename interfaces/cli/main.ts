#!/usr/bin/env node
import { statSync } from 'node:fs';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';
import { run } from './command-line.ts';

if (statSync('.env', { throwIfNoEntry: false })?.isFile()) process.loadEnvFile('.env');

process.exitCode = await run(process.argv.slice(2), {
  // biome-ignore lint/style/noProcessEnv: the only place that reads it
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  clock: new SystemClock(),
  exit: process.exit,
});
