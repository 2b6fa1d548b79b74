import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The secret of a development server that was given none: made once, kept for its owner's eyes only (0600).
 *
 * @param directory the data folder
 */
export async function developmentSecret(directory: string): Promise<{ secret: string; file: string; made: boolean }> {
  const file = join(directory, 'better-auth-secret');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    const secret = randomBytes(32).toString('base64url');
    await writeFile(file, secret, { mode: 0o600, flag: 'wx' });
    return { secret, file, made: true };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    return { secret: (await readFile(file, 'utf8')).trim(), file, made: false };
  }
}
