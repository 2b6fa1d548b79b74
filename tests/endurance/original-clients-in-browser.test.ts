import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { ORIGINAL_CLIENTS } from '../clients/original-clients.ts';
import { CHROMIUM, LAUNCH_OPTIONS } from '../support/chromium.ts';
import { SETTINGS_FOR_CLIENTS, type SendCall, visit } from '../support/replay.ts';
import { itWithServer } from '../support/server-fixtures.ts';

/** `openPage` opens an empty page of another origin, which it returns as well. */
const it = itWithServer()
  .extend('launchOptions', { scope: 'file' }, LAUNCH_OPTIONS)
  .extend('browser', { scope: 'file' }, async ({ launchOptions }, { onCleanup }) => {
    const browser = await chromium.launch(launchOptions);
    onCleanup(() => browser.close());
    return browser;
  })
  .extend('openPage', ({ browser, onTestFinished }) => async () => {
    const site = createServer((_, response) => {
      response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><link rel="icon" href="data:,"><title>Page</title>');
    }).listen(0, '127.0.0.1');
    await once(site, 'listening');
    onTestFinished(async () => {
      site.closeAllConnections();
      site.close();
      await once(site, 'close');
    });
    const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(origin);
    return { page, origin };
  });

describe.skipIf(CHROMIUM === undefined)('the original clients in a browser', () => {
  it.for(ORIGINAL_CLIENTS.map((client) => [client.source.repository, client] as const))(
    'get every answer that their pages read, from a page of another origin: %s',
    async ([, client], { serve, openPage }) => {
      const { page, origin } = await openPage();
      const server = await serve({ ...SETTINGS_FOR_CLIENTS, CORS_ORIGINS: origin });
      await visit(
        client,
        sendFrom(page, server.url),
        `/contracts/${client.contract}`,
        `ann-${crypto.randomUUID().slice(0, 8)}`,
      );
      expect(server.log()).toContain('"method":"OPTIONS"');
    },
  );

  it('cannot be read from an origin that is not listed', async ({ serve, openPage }) => {
    const { page } = await openPage();
    const server = await serve({ ...SETTINGS_FOR_CLIENTS, CORS_ORIGINS: 'https://app.example.com' });
    const send = sendFrom(page, server.url);
    const call = { method: 'GET', path: '/health', headers: {}, body: undefined } as const;
    await expect(send(call)).rejects.toThrow('Failed to fetch');
  });
});

/** Sends calls with the `fetch` of a page. */
function sendFrom(page: Page, server: string): SendCall {
  return ({ path, method, headers, body }) =>
    page.evaluate(
      async ({ url, ...init }) => {
        const response = await fetch(url, init);
        const text = await response.text();
        return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
      },
      { url: `${server}${path}`, method, headers, ...(body !== undefined && { body }) },
    );
}
