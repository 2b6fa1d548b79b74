#!/usr/bin/env node
import { statSync } from 'node:fs';
import { run } from './command-line.ts';

if (statSync('.env', { throwIfNoEntry: false })?.isFile()) process.loadEnvFile('.env');

process.exitCode = await run(process.argv.slice(2), {
  // biome-ignore lint/style/noProcessEnv: the one place that reads it
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  exit: process.exit,
});
