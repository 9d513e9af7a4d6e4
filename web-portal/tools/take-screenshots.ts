import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { openBrowser } from '../test/open-browser.ts';
import { type Demo, startDemo } from '../test/start-demo.ts';

const folder = resolve(import.meta.dirname, '../screenshots');

/** Each page in light, dark and on a telephone, from a host with live traffic and a rollout: `npm run screenshots`. */
async function takeScreenshots(): Promise<void> {
  if (!existsSync(folder)) mkdirSync(folder);
  const demo = await startDemo();
  const browser = await openBrowser();
  try {
    demo.askOften(12);
    await wait(10_000);
    const good = await startRollout(demo, '1.3.0');
    await wait(8_000);
    for (const look of looks) {
      const context = await browser.newContext({ ...look, deviceScaleFactor: 1 });
      const page = await context.newPage();
      await page.goto(demo.url);
      await page.waitForSelector('#key');
      await take(page, 'sign-in', look.name);
      await page.fill('#key', demo.adminKey);
      await page.keyboard.press('Enter');
      await page.waitForSelector('nav');
      for (const [name, path] of pagesOf(good)) {
        await page.goto(`${demo.url}${path}`);
        if (name === 'playground') await play(page);
        if (name === 'requests') await page.locator('tbody button').first().click();
        await wait(1_200);
        await take(page, name, look.name);
      }
      await context.close();
    }
  } finally {
    await browser.close();
    await demo.close();
  }
}

const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1360, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1360, height: 900 } },
  { name: '360', colorScheme: 'light', viewport: { width: 360, height: 740 } },
] as const;

const pagesOf = (rollout: string): readonly (readonly [name: string, path: string])[] => [
  ['overview', '/'],
  ['models', '/models'],
  ['model', '/models/support-chat'],
  ['rollouts', '/rollouts'],
  ['rollout', `/rollouts/${rollout}`],
  ['playground', '/playground'],
  ['requests', '/requests'],
  ['keys', '/keys'],
  ['history', '/history'],
];

async function startRollout(demo: Demo, to: string): Promise<string> {
  const response = await demo.send('POST', '/api/admin/rollouts', { model: 'support-chat', to });
  const { id } = (await response.json()) as { readonly id: string };
  return id;
}

async function play(page: Page): Promise<void> {
  await page.fill('textarea', 'How do I reset my password?');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Good answer' }).first().waitFor();
}

async function take(page: Page, name: string, look: string): Promise<void> {
  await page.screenshot({ path: resolve(folder, `${name}-${look}.png`), fullPage: name !== 'requests' });
}

await takeScreenshots();
