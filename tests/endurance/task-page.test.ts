import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { ROOT } from '../support/build.ts';
import { CHROMIUM } from '../support/chromium.ts';
import { looksOf } from '../support/page-looks.ts';
import { startApp } from '../support/running-app.ts';
import { addTask, focusedName, itWithTaskPage, newAccount, PASSWORD, tabTo } from '../support/task-page-fixtures.ts';

const it = itWithTaskPage();
const PAGE_LIMIT_BYTES = 40_000;

const item = (page: Page, title: string) => page.getByRole('listitem').filter({ hasText: title });
const items = (page: Page) => page.getByRole('listitem').locator('.title').allInnerTexts();
const TASKS = '**/contracts/003-backend-api/**';

describe.skipIf(CHROMIUM === undefined)('the page for tasks', () => {
  it('can be used by keyboard alone, from sign-up to the deletion of the account', async ({ visit, database }) => {
    const { page, complaints, elsewhere } = await visit();
    const { keyboard } = page;
    const { name, email } = newAccount();
    const type = async (label: string, text: string) => {
      if ((await focusedName(page)) !== label) await tabTo(page, label);
      await keyboard.type(text);
    };
    const press = async (button: string) => {
      await tabTo(page, button);
      await keyboard.press('Enter');
    };
    await press('Create an account');
    await type('Name', name);
    await type('E-mail', email);
    await type('Password', PASSWORD);
    await keyboard.press('Enter');
    await page.getByText('No tasks yet').waitFor();

    await type('New task', 'Buy groceries');
    await press('Add a description');
    await type('Description', 'Milk, eggs');
    await keyboard.press('Shift+Tab');
    await keyboard.press('Shift+Tab');
    expect(await focusedName(page)).toBe('Add');
    await keyboard.press('Enter');
    await item(page, 'Milk, eggs').waitFor();
    await type('New task', 'Water the plants');
    await keyboard.press('Enter');
    await expect.poll(() => items(page)).toEqual(['Water the plants', 'Buy groceries']);

    await tabTo(page, 'Buy groceries');
    await keyboard.press('Space');
    await press('Edit Water the plants');
    await expect.poll(() => focusedName(page)).toBe('Title');
    await keyboard.press('End');
    await keyboard.type(' and the lawn');
    await keyboard.press('Enter');
    await expect.poll(() => focusedName(page)).toBe('Edit Water the plants and the lawn');

    await tabTo(page, 'All 2');
    await keyboard.press('ArrowRight');
    await expect.poll(() => items(page)).toEqual(['Water the plants and the lawn']);
    await keyboard.press('ArrowRight');
    await expect.poll(() => items(page)).toEqual(['Buy groceries']);
    await press('Delete Buy groceries');
    await expect.poll(() => focusedName(page)).toBe('Undo');
    await keyboard.press('Enter');
    await expect.poll(() => items(page)).toEqual(['Buy groceries']);
    await press('Delete Buy groceries');
    await expect.poll(() => items(page)).toEqual([]);

    await page.reload();
    await expect.poll(() => items(page)).toEqual(['Water the plants and the lawn']);
    await press('Sign out');
    await page.getByText('You are signed out').waitFor();
    await type('E-mail', email);
    await type('Password', PASSWORD);
    await keyboard.press('Enter');
    await expect.poll(() => items(page)).toEqual(['Water the plants and the lawn']);
    const { rows } = await database.query('select id from auth."user" where email = $1', [email]);
    const tasks = () => database.query('select from tasks where user_id = $1', [rows[0].id]);
    expect((await tasks()).rowCount).toBe(1);
    await press('Delete account…');
    await type('Password', PASSWORD);
    await keyboard.press('Enter');
    await page.getByText('Your account and your tasks are deleted').waitFor();
    expect((await tasks()).rowCount).toBe(0);
    expect((await database.query('select from auth."user" where email = $1', [email])).rowCount).toBe(0);
    expect({ complaints, elsewhere }).toEqual({ complaints: [], elsewhere: [] });

    await type('E-mail', email);
    await type('Password', PASSWORD);
    await keyboard.press('Enter');
    await page.getByText('The e-mail address or the password is wrong').waitFor();
    expect(await page.getByLabel('Password').inputValue()).toBe(PASSWORD);
  });

  it('has no finding of axe and fits into narrow and wide windows, light and dark', async ({ visit }) => {
    const { page } = await visit();
    const check = await looksOf(page);
    const { name, email } = newAccount();
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await check('1-sign-in');
    await page.getByRole('button', { name: 'Create an account' }).click();
    await page.getByLabel('Name').fill(name);
    expect(await page.getByRole('alert').count()).toBe(0);
    await check('2-sign-up');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('No tasks yet').waitFor();
    await check('3-empty');

    for (const title of [
      'Buy groceries',
      `A word without a break: ${'x'.repeat(100)}`,
      'Water the plants',
      'Call Ben',
    ]) {
      await addTask(page, title);
    }
    await page.getByLabel('Water the plants', { exact: true }).check();
    await page.getByRole('button', { name: 'Delete Call Ben' }).click();
    await page.getByText('is deleted').waitFor();
    await check('4-tasks');
    await page.setViewportSize({ width: 390, height: 844 });
    const filters = page.locator('.filters label');
    const tops = await filters.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top));
    expect(new Set(tops).size, 'the filters are on one line').toBe(1);
    await page.route(TASKS, (route) => route.abort());
    await page.getByRole('button', { name: 'Edit Buy groceries' }).click();
    await page.getByLabel('Title').fill('Buy groceries for the weekend');
    await page.getByLabel('Description').last().fill('Milk, eggs\nBread');
    await check('5-editing');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Not saved').waitFor();
    await check('6-failed');
    await page.getByRole('button', { name: 'Delete account…' }).click();
    await check('7-delete-account');
  });

  it('keeps and marks what could not be saved, and saves it on demand', async ({ signedUp }) => {
    const page = await signedUp();
    await addTask(page, 'Stays');
    await page.route(TASKS, (route) => route.abort());
    await page.getByLabel('New task').fill('Comes late');
    await page.keyboard.press('Enter');
    await item(page, 'Comes late').getByText('Not saved. The server does not answer.').waitFor();
    await page.getByRole('button', { name: 'Delete Stays' }).click();
    await item(page, 'Stays').getByText('Not deleted').waitFor();
    expect(await page.getByLabel('New task').inputValue()).toBe('');

    await page.unroute(TASKS);
    await page.getByRole('button', { name: 'Keep task: Stays' }).click();
    await page.getByLabel('Stays', { exact: true }).check();
    await page.getByRole('button', { name: 'Try again: Comes late' }).click();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    await page.reload();
    await expect.poll(() => items(page)).toEqual(['Comes late', 'Stays']);
    expect(await page.getByLabel('Stays', { exact: true }).isChecked()).toBe(true);
  });

  it('creates a task once although the response was lost, also if the text was changed meanwhile', async ({
    signedUp,
  }) => {
    const page = await signedUp();
    for (const title of ['Buy groceries', 'Call Ben']) {
      await page.route(TASKS, async (route) => {
        if (route.request().method() === 'POST') await route.fetch();
        await route.abort();
      });
      await page.getByLabel('New task').fill(title);
      await page.keyboard.press('Enter');
      await item(page, title).getByText('Not saved. The server does not answer.').waitFor();
      if (title === 'Call Ben') {
        await page.getByRole('button', { name: 'Edit Call Ben' }).click();
        await page.getByLabel('Title').fill('Call Ann');
        await page.getByRole('button', { name: 'Save' }).click();
        await item(page, 'Call Ann').getByText('Not saved. The server does not answer.').waitFor();
      }
      await page.unroute(TASKS);
      await page.getByRole('button', { name: /^Try again/ }).click();
      await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    }
    await page.reload();
    await expect.poll(() => items(page)).toEqual(['Call Ann', 'Buy groceries']);
  });

  it("shows the server's word on a text that it refuses, with the text", async ({ signedUp }) => {
    const page = await signedUp();
    const title = 'x'.repeat(501);
    await page.getByLabel('New task').fill(title);
    await page.keyboard.press('Enter');
    await item(page, title).getByText('Title must be 1 to 500 characters').waitFor();
    await page.getByRole('button', { name: /^Edit xxx/ }).click();
    expect(await page.getByLabel('Title').inputValue()).toBe(title);
    await page.getByLabel('Title').fill('Shorter');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    await page.reload();
    await expect.poll(() => items(page)).toEqual(['Shorter']);
  });

  it('shows a change at once, and sends what was meant last', async ({ signedUp }) => {
    const page = await signedUp();
    await addTask(page, 'Slow');
    const sent: unknown[] = [];
    const held: (() => void)[] = [];
    await page.route(TASKS, async (route) => {
      sent.push(route.request().postDataJSON());
      await new Promise<void>((resolve) => held.push(resolve));
      await route.continue();
    });
    const box = page.getByLabel('Slow', { exact: true });
    for (const checked of [true, false, true]) await box.setChecked(checked);
    await page.getByRole('button', { name: 'Edit Slow' }).click();
    await page.getByLabel('Title').fill('Quick');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect.poll(() => items(page)).toEqual(['Quick']);
    await expect.poll(() => sent).toEqual([{ completed: true }]);
    await expect.poll(() => held.splice(0).map((release) => release()).length + sent.length).toBe(3);
    await expect.poll(() => page.locator('li[aria-busy=true]').count()).toBe(0);
    expect(sent).toEqual([{ completed: true }, { title: 'Quick' }]);
  });

  it('asks to sign in again when the session has ended, and then saves everything', async ({ signedUp }) => {
    const page = await signedUp();
    await addTask(page, 'Before');
    await page.context().clearCookies();
    await page.route(TASKS, (route) => route.fulfill({ status: 401, json: { error: 'unauthorized', detail: 'no' } }));
    await page.getByLabel('New task').fill('After');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
    await page.unroute(TASKS);
    await page.getByLabel('New task').fill('A draft');
    await page.getByLabel('Password').first().fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your session has ended' }).waitFor({ state: 'detached' });
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
    expect(await page.getByLabel('New task').inputValue()).toBe('A draft');
    await page.getByLabel('New task').fill('');
    await page.reload();
    await expect.poll(() => items(page)).toEqual(['After', 'Before']);
  });

  it('renews its token before it expires, and keeps it out of reach', async ({ signedUp, site }) => {
    const page = await signedUp();
    const tokens: string[] = [];
    page.on('response', (response) => response.url() === `${site.url}/api/auth/token` && tokens.push(response.url()));
    await addTask(page, 'One');
    expect(tokens).toEqual([]);
    await page.clock.install({ time: Date.now() + 15 * 60_000 });
    await addTask(page, 'Two');
    await addTask(page, 'Three');
    expect(tokens).toHaveLength(1);

    expect(await page.evaluate('[document.cookie, localStorage.length, sessionStorage.length]')).toEqual(['', 0, 0]);
    const cookies = await page.context().cookies();
    expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Lax' }]);
  });

  it('asks before it is closed with something that is not saved', async ({ signedUp }) => {
    const page = await signedUp();
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await page.getByLabel('New task').pressSequentially('A draft');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.close({ runBeforeUnload: true });
    await expect.poll(() => asked).toEqual(['confirm', 'beforeunload']);
    expect(await page.getByLabel('New task').inputValue()).toBe('A draft');
  });
});

describe('the files of the page', () => {
  it('take less than 40 kB compressed', async () => {
    const folder = join(ROOT, 'dist/web');
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const sizes = await Promise.all(files.map(async (file) => gzipSync(await readFile(file)).length));
    expect(files.length).toBeGreaterThanOrEqual(3);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(PAGE_LIMIT_BYTES);
  });

  it('are served under a strict policy, compressed, and can be cached', async ({ onTestFinished }) => {
    const app = await startApp({ taskPage: true });
    onTestFinished(() => app.close());
    const get = (path: string, headers = {}) => app.send('GET', path, { headers });
    const page = await get('/app');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self';");
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.text).not.toMatch(/https?:|<style|style=|<script(?! type="module" crossorigin src=)/);
    const unchanged = await get('/app', { 'if-none-match': page.headers.get('etag') });
    expect(unchanged).toMatchObject({ status: 304, text: '' });

    const [, script = ''] = /src="([^"]+\.js)"/.exec(page.text) ?? [];
    const plain = await get(script);
    expect(plain.headers.get('content-encoding')).toBeNull();
    const compressed = await fetch(`${app.url}${script}`);
    expect(compressed.headers.get('content-encoding')).toBe('gzip');
    expect(compressed.headers.get('cache-control')).toContain('immutable');
    expect(await compressed.text()).toBe(plain.text);
    for (const path of ['/app/assets/other.js', '/app/assets/..%2f..%2fpackage.json', '/app/x']) {
      expect((await get(path)).status).toBe(404);
    }
  });

  it('are not served where nobody can sign in', async ({ onTestFinished }) => {
    const app = await startApp();
    onTestFinished(() => app.close());
    expect((await app.send('GET', '/app')).status).toBe(404);
  });
});
