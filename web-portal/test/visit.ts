import type { Page } from 'playwright-core';

/** Opens an address of the portal, and waits until what the page asked for has come. */
export async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.locator('main h1').waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
  // What came may have asked for more, such as a model's receipts.
  await page.waitForLoadState('load');
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
}
