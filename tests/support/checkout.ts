import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './build.ts';

/** What `npm start` and `npm run dev` build and run, apart from the packages. */
const PROJECT = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'rolldown.config.js',
  'scripts',
  'dist',
  ...['domain', 'application', 'infrastructure', 'interfaces', 'migrations', 'auth-migrations'],
];

/** Copies the project, to build it there: other tests use the build of this one. */
export async function checkout(folder: string): Promise<string> {
  const copy = join(folder, 'checkout');
  await mkdir(copy);
  for (const part of PROJECT) await cp(join(ROOT, part), join(copy, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}
