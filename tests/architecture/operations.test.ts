import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, match = '']) => match);

const manual = read('docs/operations.md');
const [, logChapter = ''] = /\n## The log\n(.*?)\n## /s.exec(manual) ?? [];
const sources = ['infrastructure', 'interfaces']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  )
  .filter((path) => path.endsWith('.ts'))
  .map(read);

describe('the operations manual', () => {
  it('explains every message that the code logs as a warning or an error', () => {
    // The message is a literal after the fields, if there are any; a template counts up to its first value.
    const call = /\blog\.(?:warn|error)\(\s*(?:(?:\{(?:[^{}]|\{[^{}]*\})*\}|event),\s*)?['`]([^'`$]+)/g;
    const messages = sources.flatMap((source) => matches(source, call)).map((message) => message.trim());
    expect(messages.length).toBeGreaterThan(7);
    expect(messages.filter((message) => !logChapter.includes(`\`${message}`))).toEqual([]);
  });

  it('explains every security event', () => {
    const events = matches(read('interfaces/http/errors/security-event.ts'), /'([a-z_]+\.[a-z_]+)'/g);
    expect(events.length).toBeGreaterThan(3);
    expect(events.filter((event) => !logChapter.includes(`| \`${event}\` |`))).toEqual([]);
  });
});
