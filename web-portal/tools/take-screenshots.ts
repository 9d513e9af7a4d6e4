import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { openBrowser } from '../test/open-browser.ts';
import { type Demo, reachable, startDemo, unreachable } from '../test/start-demo.ts';
import { visit } from '../test/visit.ts';

const folder = resolve(import.meta.dirname, '../screenshots');

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '3' } },
});

/**
 * Each page in light, dark and on a telephone, from a host with live traffic and a rollout: `npm run screenshots`. Names
 * of pages take those alone; `--minutes` is how long people ask before the first picture.
 */
async function takeScreenshots(): Promise<void> {
  if (!existsSync(folder)) mkdirSync(folder);
  const demo = await startDemo();
  const browser = await openBrowser();
  try {
    demo.askOften(12);
    demo.plantAnomaly();
    demo.plantDrift();
    await wait(Number(values.minutes) * 60_000);
    const good = await startRollout(demo, '1.3.0');
    await wait(8_000);
    for (const look of looks) {
      const context = await browser.newContext({ ...look, deviceScaleFactor: 1 });
      const page = await context.newPage();
      await page.goto(demo.url);
      await page.waitForSelector('#key');
      if (isWanted('sign-in')) await take(page, 'sign-in', look.name);
      await page.fill('#key', demo.adminKey);
      await page.keyboard.press('Enter');
      await page.waitForSelector('nav');
      demo.setSearchGoal(reachable);
      for (const [name, path] of pagesOf(good).filter(([one]) => isWanted(one))) {
        await visit(page, `${demo.url}${path}`);
        if (name === 'alerts') await untilFiring(demo, page);
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

const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);

const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1360, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1360, height: 900 } },
  { name: '360', colorScheme: 'light', viewport: { width: 360, height: 740 } },
] as const;

const pagesOf = (rollout: string): readonly (readonly [name: string, path: string])[] => [
  ['overview', '/?window=15m'],
  ['models', '/models'],
  ['model', '/models/support-chat?window=15m'],
  ['rollouts', '/rollouts'],
  ['rollout', `/rollouts/${rollout}`],
  ['playground', '/playground'],
  ['requests', '/requests'],
  ['keys', '/keys'],
  ['history', '/history'],
  // Last, for what is planted for it.
  ['alerts', '/alerts'],
];

async function startRollout(demo: Demo, to: string): Promise<string> {
  const response = await demo.send('POST', '/api/admin/rollouts', { model: 'support-chat', to });
  const { id } = (await response.json()) as { readonly id: string };
  return id;
}

async function untilFiring(demo: Demo, page: Page): Promise<void> {
  demo.setSearchGoal(unreachable);
  await page.getByRole('region', { name: 'Firing' }).getByText('help-search: latency').first().waitFor();
}

async function play(page: Page): Promise<void> {
  await page.fill('textarea', 'How do I reset my password?');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Good answer' }).first().waitFor();
}

async function take(page: Page, name: string, look: string): Promise<void> {
  // What is far below is made when somebody comes near.
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await wait(600);
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: resolve(folder, `${name}-${look}.png`), fullPage: name !== 'requests' });
}

await takeScreenshots();
