import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A file of the page, in memory: all of them together are small. */
export interface PageFile {
  /** What comes after the last dot of its name. */
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
}

const compress = promisify(gzip);

/** Reads the page as it was built, by the paths of its files. @throws if it is not built */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const folder = join(createRequire(import.meta.url).resolve('taskwell/package.json'), '../dist/web');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = paths.map(async (path): Promise<[string, PageFile]> => {
    const plain = await readFile(path);
    const etag = createHash('sha256').update(plain).digest('base64url');
    const type = path.slice(path.lastIndexOf('.') + 1);
    return [relative(folder, path).replaceAll(sep, '/'), { type, etag, plain, gzipped: await compress(plain) }];
  });
  return new Map(await Promise.all(files));
}
