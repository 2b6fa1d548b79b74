import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApp, startApp, tokenFor } from '../support/running-app.ts';

const CHROMIUM = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => existsSync(path));
if (CHROMIUM === undefined) {
  process.stderr.write(
    'NO BROWSER: the tests of the documentation pages are skipped; install chromium, or name one in CHROMIUM\n',
  );
}

/** A closed network answers none of what a browser asks of its maker. */
const FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-gpu',
];

describe.skipIf(CHROMIUM === undefined)('the pages in a browser', () => {
  let app: RunningApp;
  let browser: Browser;
  beforeAll(async () => {
    app = await startApp();
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: [...FLAGS, ...sandbox] });
  });
  afterAll(async () => {
    await browser?.close();
    await app.close();
  });

  /** A page that is open, and all that it complained of or looked for elsewhere. */
  async function open(path: string): Promise<{ page: Page; complaints: string[]; elsewhere: string[] }> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    const elsewhere: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on(
      'request',
      (request) =>
        request.url().startsWith('http') && !request.url().startsWith(app.url) && elsewhere.push(request.url()),
    );
    await page.goto(`${app.url}${path}`);
    return { page, complaints, elsewhere };
  }

  const shows = (page: Page, text: string) => page.getByText(text).filter({ visible: true }).first().waitFor();

  it.each(['/docs', '/contracts/002-backend-api/docs'])(
    'let a person sign in, make a task and see it in the list, also after a reload, at %s',
    async (path) => {
      const { page, complaints, elsewhere } = await open(path);
      await page.getByRole('button', { name: 'Authorize' }).click();
      await page.getByLabel('auth-bearer-value').fill(tokenFor('demo'));
      await page.getByRole('button', { name: 'Apply credentials' }).click();
      await page.getByRole('button', { name: 'Close' }).click();

      const tryOut = async (operation: string, body?: string) => {
        const section = page.locator(`[id$=${operation}]`);
        await section.locator('.opblock-summary').click();
        await section.getByRole('button', { name: 'Try it out' }).click();
        if (body !== undefined) await section.locator('textarea').fill(body);
        await section.getByRole('button', { name: 'Execute' }).click();
        return section.locator('.live-responses-table .response').first().innerText();
      };
      const created = await tryOut('createTask', '{"title": "Buy a surprise"}');
      expect(created).toContain('201');
      expect(created).toContain('Buy a surprise');

      await page.reload();
      const listed = await tryOut('listTasks');
      expect(listed).toContain('200');
      expect(listed).toContain('Buy a surprise');
      expect({ complaints, elsewhere }).toEqual({ complaints: [], elsewhere: [] });
    },
    60_000,
  );

  it.each(['/docs', '/redoc', '/contracts/1-backend-integration/redoc'])(
    'shows the requests at %s',
    async (path) => {
      const { page, complaints, elsewhere } = await open(path);
      await shows(page, 'Create a task');
      await shows(page, 'List tasks');
      // Redoc shows its maker's logo from its maker's server, where it can; here the page's policy forbids it.
      const withoutLogo = (lines: string[]) => lines.filter((line) => !line.includes('logo-mini.svg'));
      expect(withoutLogo(complaints)).toEqual([]);
      expect(withoutLogo(elsewhere)).toEqual([]);
    },
    60_000,
  );

  it('shows every contract at the root, and leads to it', async () => {
    const { page, complaints } = await open('/');
    expect(await page.locator('main li').count()).toBe(5);
    await page.locator('main li', { hasText: '1-backend-integration' }).getByText('Try it').click();
    await shows(page, 'Create a task');
    expect(page.url()).toBe(`${app.url}/contracts/1-backend-integration/docs`);
    expect(complaints).toEqual([]);
  });
});
