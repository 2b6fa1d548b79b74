import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { CHROMIUM } from '../support/chromium.ts';
import { itWithNextjsExample } from '../support/nextjs-example-fixtures.ts';
import { looksOf } from '../support/page-looks.ts';
import { newAccount, PASSWORD } from '../support/task-page-fixtures.ts';

const it = itWithNextjsExample();
const TOO_LONG = 'x'.repeat(201);
const REFUSED = 'Title must be 1 to 200 characters';

const item = (page: Page, title: string) => page.getByRole('listitem').filter({ hasText: title });
const titles = (page: Page) => page.getByRole('listitem').locator('span').allInnerTexts();
const checkbox = (page: Page, title: string) => page.getByLabel(title, { exact: true });
const click = (page: Page, button: string) => page.getByRole('button', { name: button, exact: true }).click();

async function signUp(page: Page, { name, email } = newAccount()) {
  await click(page, 'Create an account');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await click(page, 'Create account');
  await page.getByText('No tasks yet').waitFor();
  return email;
}

async function add(page: Page, title: string) {
  await page.getByLabel('New task').fill(title);
  await page.keyboard.press('Enter');
  await item(page, title).waitFor();
}

async function toggle(page: Page, title: string) {
  const before = await checkbox(page, title).isChecked();
  await checkbox(page, title).click();
  await expect.poll(() => checkbox(page, title).isChecked()).toBe(!before);
}

describe.skipIf(CHROMIUM === undefined)('the Next.js example', () => {
  it('manages the tasks of its users from sign-up to deletion, for each user apart', async ({ visit }) => {
    const ann = await visit();
    const errors: Error[] = [];
    ann.on('pageerror', (error) => errors.push(error));
    const email = await signUp(ann);
    await add(ann, 'Buy groceries');
    await add(ann, 'Water the plants');
    await toggle(ann, 'Buy groceries');
    await click(ann, 'Edit Water the plants');
    await ann.getByLabel('Title').fill('Water the lawn');
    await ann.keyboard.press('Enter');
    await item(ann, 'Water the lawn').waitFor();
    await ann.reload();
    await expect.poll(() => titles(ann)).toEqual(['Water the lawn', 'Buy groceries']);
    expect(await checkbox(ann, 'Buy groceries').isChecked()).toBe(true);
    expect(await checkbox(ann, 'Water the lawn').isChecked()).toBe(false);

    const ben = await visit();
    await signUp(ben);
    expect(await titles(ben)).toEqual([]);
    await add(ben, 'Call Ann');
    await toggle(ann, 'Buy groceries');
    await click(ann, 'Delete Buy groceries');
    await expect.poll(() => titles(ann)).toEqual(['Water the lawn']);

    await click(ann, 'Sign out');
    await ann.getByLabel('E-mail').fill(email);
    await ann.getByLabel('Password').fill('a wrong password');
    await click(ann, 'Sign in');
    await ann.getByText('Invalid email or password').waitFor();
    expect(await ann.getByLabel('Password').inputValue()).toBe('a wrong password');
    await ann.getByLabel('Password').fill(PASSWORD);
    await click(ann, 'Sign in');
    await expect.poll(() => titles(ann)).toEqual(['Water the lawn']);
    await click(ann, 'Delete Water the lawn');
    await ann.getByText('No tasks yet').waitFor();
    await ann.reload();
    await ann.getByText('No tasks yet').waitFor();
    await ben.reload();
    await expect.poll(() => titles(ben)).toEqual(['Call Ann']);
    expect(errors).toEqual([]);
  });

  it('shows what the server says, and keeps what was typed', async ({ visit, taskwell }) => {
    const page = await visit();
    await signUp(page);
    await page.getByLabel('New task').fill(TOO_LONG);
    await page.keyboard.press('Enter');
    await page.getByText(REFUSED).waitFor();
    expect(await page.getByLabel('New task').inputValue()).toBe(TOO_LONG);
    await add(page, 'Buy groceries');
    await expect.poll(() => page.getByLabel('New task').inputValue()).toBe('');
    await click(page, 'Edit Buy groceries');
    await page.getByLabel('Title').fill(TOO_LONG);
    await click(page, 'Save');
    await item(page, REFUSED).waitFor();
    expect(await page.getByLabel('Title').inputValue()).toBe(TOO_LONG);

    await page.route(`${taskwell.url}/**`, (route) => route.abort());
    await page.getByLabel('New task').fill('A draft');
    await page.keyboard.press('Enter');
    await page.getByText('The server does not respond').waitFor();
    expect(await page.getByLabel('New task').inputValue()).toBe('A draft');
    await page.unroute(`${taskwell.url}/**`);
    await page.context().clearCookies();
    await click(page, 'Add');
    await page.getByText('Sign in first').waitFor();
    expect(await page.getByLabel('New task').inputValue()).toBe('A draft');
  });

  it('has no finding of axe and fits into narrow and wide windows, light and dark', async ({ visit, taskwell }) => {
    const page = await visit();
    const check = await looksOf(page);
    await page.getByLabel('E-mail').fill('nobody@example.com');
    await page.getByLabel('Password').fill(PASSWORD);
    await click(page, 'Sign in');
    await page.getByText('Invalid email or password').waitFor();
    await check('1-sign-in');
    await signUp(page);
    await check('2-empty');
    for (const title of ['Buy groceries', 'y'.repeat(150), 'Water the plants']) await add(page, title);
    await toggle(page, 'Water the plants');
    await page.route(`${taskwell.url}/**`, (route) => route.abort());
    await click(page, 'Edit Buy groceries');
    await click(page, 'Save');
    await item(page, 'The server does not respond').waitFor();
    await page.getByLabel('New task').fill('Call Ben');
    await click(page, 'Add');
    await expect.poll(() => page.getByText('The server does not respond').count()).toBe(2);
    await check('3-tasks');
  });
});
