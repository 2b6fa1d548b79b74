import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLE = 'examples/nextjs';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const readme = read('README.md');
const [, section = ''] = /\n## Connect a Next.js frontend\n(.*?)\n## /s.exec(readme) ?? [];

/** The lines `NAME=value` of a text, without the values of secrets. */
const settings = (text: string) =>
  [...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value]) => (/SECRET/.test(name) ? name : `${name}=${value}`));

describe('the Next.js example', () => {
  it('contains the code of the README', () => {
    const shown = [...section.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)].map(([, file, code]) => ({ file, code }));
    expect(shown.map(({ file }) => file)).toEqual(['lib/auth.ts', 'app/api/auth/[...all]/route.ts', 'lib/taskwell.ts']);
    expect(shown.map(({ file }) => ({ file, code: read(`${EXAMPLE}/${file}`) }))).toEqual(shown);
  });

  it('has the settings of the README', () => {
    const [, dotenv = ''] = /```sh\n(DATABASE_URL=.*?)```/s.exec(section) ?? [];
    expect(settings(dotenv)).toHaveLength(4);
    expect(settings(read(`${EXAMPLE}/.env.example`))).toEqual(settings(dotenv));
  });
});
