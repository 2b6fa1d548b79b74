import { createRequire } from 'node:module';

const { version }: { version: string } = createRequire(import.meta.url)('taskwell/package.json');

/** Taskwell's own version, as its package says. */
export const VERSION = version;
