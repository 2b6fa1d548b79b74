import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../error-code.ts';

/**
 * The secret of a development server that was given none: made once, kept for its owner's eyes only (0600).
 *
 * @param directory the data folder
 */
export async function developmentSecret(directory: string): Promise<{ secret: string; file: string; made: boolean }> {
  const file = join(directory, 'better-auth-secret');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const made = await makeOnce(file);
  return { secret: await readFile(file, 'utf8'), file, made };
}

/** Links a whole file into place: whoever finds it finds all of it, and the first of several wins. */
async function makeOnce(file: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await writeFile(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
    await link(draft, file);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}
