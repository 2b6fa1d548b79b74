import { randomBytes, randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../error-code.ts';
import { makeFolder } from '../system/make-folder.ts';

/**
 * The secret of a development server without a configured one. The first call generates it; later calls read it from a
 * file that only its owner can read (0600).
 *
 * @param directory the data folder, which is created if it does not exist
 * @returns the secret, its file, and whether this call generated it
 */
export async function ensureDevelopmentSecret(
  directory: string,
): Promise<{ secret: string; file: string; made: boolean }> {
  const file = join(directory, 'better-auth-secret');
  makeFolder(directory);
  const made = await makeOnce(file);
  const secret = (await readFile(file, 'utf8')).trim(); // an editor may have added a line break
  return { secret, file, made };
}

/** Writes a draft and links it into place. No reader sees a partial file, and of several writers the first wins. */
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
