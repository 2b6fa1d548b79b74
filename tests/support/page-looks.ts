import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Set it to a folder to look at the pages. */
const { SCREENSHOTS } = process.env;

/**
 * Returns a function that checks the page as it is now: axe finds nothing, and the page fits into a narrow and a wide
 * window, light and dark. It takes the name of the state, for messages and screenshots.
 */
export async function looksOf(page: Page): Promise<(state: string) => Promise<void>> {
  await page.evaluate(axe.source);
  return async (state) => {
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 844 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const look = `${state}-${width}-${colorScheme}`;
        // Contrast depends on the colors and everything else on the width, so two of the four are enough.
        if ((width === 390) === (colorScheme === 'light')) expect(await findingsOf(page), look).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth'), look).toBeLessThanOrEqual(width);
        if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `${look}.png`), fullPage: true });
      }
    }
  };
}

/** What axe finds on the page as it is now. The page must have run `axe.source`. */
async function findingsOf(page: Page): Promise<string[]> {
  const violations = await page.evaluate(
    `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  return (violations as axe.Result[]).map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
