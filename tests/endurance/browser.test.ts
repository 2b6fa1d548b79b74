import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { itWithApp } from '../support/app-fixtures.ts';
import { CHROMIUM, LAUNCH_OPTIONS } from '../support/chromium.ts';
import { tokenFor } from '../support/running-app.ts';

/** `open` opens a page of the app and collects its errors and its requests to other servers. */
const it = itWithApp()
  .extend('launchOptions', { scope: 'file' }, LAUNCH_OPTIONS)
  .extend('browser', { scope: 'file' }, async ({ launchOptions }, { onCleanup }) => {
    const browser = await chromium.launch(launchOptions);
    onCleanup(() => browser.close());
    return browser;
  })
  .extend('open', ({ app, browser }) => async (path: string, options: BrowserContextOptions = {}) => {
    const page = await browser.newPage(options);
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
  });

/** The relative luminances (WCAG) of the text of the first heading and of what is behind it; runs in the browser. */
const HEADING_LUMINANCES = `(() => {
  const heading = document.querySelector('h1');
  const channels = (color) => [...color.matchAll(/[\\d.]+/g)].map(Number);
  const backgrounds = [];
  for (let at = heading; at; at = at.parentElement) backgrounds.push(getComputedStyle(at).backgroundColor);
  const behind = backgrounds.find((color) => channels(color)[3] !== 0) ?? 'rgb(255, 255, 255)';
  return [getComputedStyle(heading).color, behind].map((color) => {
    const linear = (value) => (value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    const [red, green, blue] = channels(color).map(linear);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  });
})()`;

describe.skipIf(CHROMIUM === undefined)('the pages in a browser', () => {
  const shows = (page: Page, text: string) => page.getByText(text).filter({ visible: true }).first().waitFor();

  it.for(['/docs', '/contracts/002-backend-api/docs'])(
    'let a person authorize, create a task and list it after a reload, at %s',
    { timeout: 60_000 },
    async (path, { open }) => {
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
  );

  it.for(['/docs', '/redoc', '/contracts/1-backend-integration/redoc'])(
    'show the operations at %s',
    { timeout: 60_000 },
    async (path, { open }) => {
      const { page, complaints, elsewhere } = await open(path);
      await shows(page, 'Create a task');
      await shows(page, 'List tasks');
      // Redoc shows its maker's logo from its maker's server, where it can; here the page's policy forbids it.
      const withoutLogo = (lines: string[]) => lines.filter((line) => !line.includes('logo-mini.svg'));
      expect(withoutLogo(complaints)).toEqual([]);
      expect(withoutLogo(elsewhere)).toEqual([]);
    },
  );

  it.for(['light', 'dark'] as const)(
    'follow the %s colour scheme of the system, readably',
    async (colorScheme, { open }) => {
      for (const path of ['/', '/nothing', '/docs', '/redoc']) {
        const { page } = await open(path, { colorScheme });
        await page.locator('h1').first().waitFor();
        const [text = 0, background = 0] = await page.evaluate<number[]>(HEADING_LUMINANCES);
        expect(background > text, path).toBe(colorScheme === 'light');
        expect((Math.max(text, background) + 0.05) / (Math.min(text, background) + 0.05), path).toBeGreaterThan(4.5);
      }
    },
  );

  it.for(['/', '/docs', '/redoc'])('let the keyboard reach what scrolls, at %s', async (path, { open }) => {
    const { page } = await open(path);
    if (path !== '/') await shows(page, 'Create a task');
    expect(await page.locator('pre:not([tabindex])').count()).toBe(0);
  });

  it('link every contract at the root', async ({ open, app }) => {
    const { page, complaints } = await open('/');
    expect(await page.locator('main li').count()).toBe(6);
    await page.locator('main li', { hasText: '1-backend-integration' }).getByText('Try it').click();
    await shows(page, 'Create a task');
    expect(page.url()).toBe(`${app.url}/contracts/1-backend-integration/docs`);
    expect(complaints).toEqual([]);
  });
});
