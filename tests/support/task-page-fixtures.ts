import { type Browser, chromium, type Page } from 'playwright-core';
import { LAUNCH_OPTIONS } from './chromium.ts';
import { itWithDatabase } from './database-fixtures.ts';
import { freePort } from './free-port.ts';
import { SECRET } from './running-app.ts';
import { type Serving, serving } from './serving.ts';

export const PASSWORD = 'correct horse battery staple';

/** The page in a browser, with what went wrong. */
export interface Visit {
  readonly page: Page;
  /** Errors of scripts, and what the browser's console says of errors. */
  readonly complaints: string[];
  /** Requests to other servers. */
  readonly elsewhere: string[];
}

let accounts = 0;
/** An account that nobody has used yet. */
export function newAccount(): { readonly name: string; readonly email: string } {
  accounts += 1;
  return { name: `Ann ${accounts}`, email: `ann${accounts}@example.com` };
}

/**
 * `it` with these fixtures:
 *
 * - `site`: Taskwell with accounts of its own
 * - `open`: opens an empty tab in a new profile of the browser
 * - `visit`: opens the page there
 * - `signedUp`: opens the page as the user of a new account
 */
export function itWithTaskPage() {
  return itWithDatabase()
    .extend('site', { scope: 'file' }, async ({ database }, { onCleanup }): Promise<Serving> => {
      const port = String(await freePort());
      const server = await serving({
        ...database.settings,
        PORT: port,
        PUBLIC_URL: `http://127.0.0.1:${port}`,
        SIGN_IN: 'on',
        SIGN_IN_SECRET: SECRET,
        RATE_LIMIT: 'off',
      });
      onCleanup(() => server.stop());
      return server;
    })
    .extend('launchOptions', { scope: 'file' }, LAUNCH_OPTIONS)
    .extend('browser', { scope: 'file' }, async ({ launchOptions }, { onCleanup }): Promise<Browser> => {
      const browser = await chromium.launch(launchOptions);
      onCleanup(() => browser.close());
      return browser;
    })
    .extend('open', ({ site, browser, onTestFinished }) => async (): Promise<Visit> => {
      const context = await browser.newContext();
      onTestFinished(() => context.close());
      const page = await context.newPage();
      const visit: Visit = { page, complaints: [], elsewhere: [] };
      page.on('pageerror', (error) => visit.complaints.push(String(error)));
      page.on('console', (message) => message.type() === 'error' && visit.complaints.push(message.text()));
      page.on('request', (request) => request.url().startsWith(site.url) || visit.elsewhere.push(request.url()));
      return visit;
    })
    .extend('visit', ({ open, site }) => async () => {
      const visit = await open();
      await visit.page.goto(`${site.url}/app`);
      await visit.page.getByRole('heading', { name: 'Sign in' }).waitFor();
      return visit;
    })
    .extend('signedUp', ({ open, site }) => async () => {
      const visit = await open();
      const { request } = visit.page.context();
      const account = { ...newAccount(), password: PASSWORD };
      await request.post(`${site.url}/api/auth/sign-up/email`, { data: account, headers: { origin: site.url } });
      await visit.page.goto(`${site.url}/app`);
      await visit.page.getByText('No tasks yet').waitFor();
      return visit.page;
    });
}

/** Adds a task, and waits until the server has it. */
export async function addTask(page: Page, title: string): Promise<void> {
  await page.getByLabel('New task').fill(title);
  await page.keyboard.press('Enter');
  await page.getByRole('listitem').filter({ hasText: title }).and(page.locator('[aria-busy=false]')).waitFor();
}

/** Presses Tab until the element with this accessible name has the focus. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let pressed = 0; pressed < 40; pressed += 1) {
    await page.keyboard.press('Tab');
    if ((await focusedName(page)) === name) return;
  }
  throw new Error(`the Tab key does not reach ${name}`);
}

/** The accessible name of the element that has the focus. */
export async function focusedName(page: Page): Promise<string> {
  const focused = page.locator(':focus');
  if ((await focused.count()) === 0) return '';
  const [, name] = /^- \w+ "([^"]*)"/.exec(await focused.ariaSnapshot()) ?? [];
  return name ?? focused.innerText();
}
