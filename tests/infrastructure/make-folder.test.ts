import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it as test } from 'vitest';
import { errorCode } from '../../infrastructure/error-code.ts';
import { makeFolder } from '../../infrastructure/system/make-folder.ts';
import { folderForTest } from '../support/folder-for-test.ts';

const it = test.extend('folder', folderForTest);

describe('a folder', () => {
  it('is created with its parents for its owner alone, and may exist', ({ folder }) => {
    const path = join(folder, 'a/b/c');
    makeFolder(path);
    makeFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it.runIf(process.platform === 'linux').for(['/proc/x/y', '/proc/self/x', '/dev/null/x', '/sys/x'])(
    'is refused where there can be none (%s)',
    (path) => {
      let code: string | undefined;
      try {
        makeFolder(path);
      } catch (error) {
        code = errorCode(error);
      }
      expect(code).toMatch(/^(ENOENT|ENOTDIR|EPERM|EACCES|EROFS)$/);
    },
  );
});
