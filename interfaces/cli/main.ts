#!/usr/bin/env node
import { resolve } from 'node:path';
import { SystemClock } from '../../infrastructure/system/system-clock.ts';
import { run } from './command-line.ts';

process.exitCode = await run(process.argv.slice(2), {
  // biome-ignore lint/style/noProcessEnv: the only place that reads it
  env: process.env,
  envFile: resolve('.env'),
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  clock: new SystemClock(),
  exit: process.exit,
});
