import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const LONGEST_README_LINES = 150;

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const withoutCode = (markdown: string) => markdown.replace(/^ *```.*?^ *```$/gms, '').replace(/`[^`\n]*`/g, 'code');

/** The anchors of a page, as GitHub derives them from its headings. */
function anchors(file: string): string[] {
  const headings = [
    ...read(file)
      .replace(/^```.*?^```$/gms, '')
      .matchAll(/^#+ (.*)$/gm),
  ];
  return headings.map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The relative links of a page, each with the file that it leads to and the anchor there. */
function relativeLinks(page: string) {
  const targets = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#');
      return { page, target, anchor, file: path === '' ? page : normalize(join(dirname(page), path)) };
    });
}

const options = ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'];
const pages = execFileSync('git', options, { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => existsSync(join(ROOT, file)));
const links = pages.flatMap(relativeLinks);

describe('the documentation', () => {
  it('links to files that exist', () => {
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(({ file }) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('links to headings that exist', () => {
    const toHeadings = links.filter(({ anchor }) => anchor !== undefined);
    expect(toHeadings.length).toBeGreaterThan(20);
    expect(toHeadings.filter(({ file, anchor = '' }) => !anchors(file).includes(anchor))).toEqual([]);
  });

  it('starts with a README that is short', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(LONGEST_README_LINES);
  });
});
