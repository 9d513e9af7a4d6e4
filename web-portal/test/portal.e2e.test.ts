// needs: chromium
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from './open-browser.ts';
import { type Demo, startDemo } from './start-demo.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** A page looks at the store once a second at most, and a rollout needs some dozens of requests. */
const patience = { timeout: 60_000 };

let demo: Demo;
let browser: Browser;
let page: Page;
const broken: string[] = [];

beforeAll(async () => {
  demo = await startDemo();
  browser = await openBrowser();
  page = await (
    await browser.newContext({ bypassCSP: true, reducedMotion: 'reduce', viewport: { width: 1360, height: 900 } })
  ).newPage();
  page.setDefaultTimeout(30_000);
  page.on('pageerror', (error) => broken.push(error.message));
  demo.askOften(12);
});

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

/** What axe finds on the page as it is now, by rule and place. */
async function findBarriers(): Promise<readonly string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> };
      }
    ).axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  });
}

describe('the portal in Chromium', () => {
  it('refuses a wrong key in words, and lets a right one in by Enter', async () => {
    const scripts: number[] = [];
    page.on('response', (response) => {
      if (!/\.js$/.test(new URL(response.url()).pathname)) return;
      scripts.push(Number(response.headers()['content-length']));
    });
    await page.goto(demo.url);
    await page.fill('#key', 'sk-wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    expect(await findBarriers()).toEqual([]);

    await page.fill('#key', demo.adminKey);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'support-chat' }).waitFor();
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
    const firstLoad = scripts.reduce((sum, bytes) => sum + bytes, 0);
    expect(scripts.length).toBeGreaterThan(0);
    expect(firstLoad).toBeLessThanOrEqual(200_000);
  });

  it('shows live traffic on the overview, and what nobody knows as unknown', async () => {
    const latency = page.getByText('P95 latency').locator('..');
    await expect.poll(() => latency.textContent(), patience).toMatch(/\d+\s*ms/);
    expect(await page.getByText('No labels yet').isVisible()).toBe(true);
  });

  it.each(['/', '/models', '/models/support-chat', '/rollouts', '/playground', '/requests', '/keys', '/history'])(
    'has no barriers on %s, in light and dark, and does not scroll sideways on a telephone',
    async (path) => {
      await page.goto(`${demo.url}${path}`);
      await page.getByRole('heading').first().waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await findBarriers()).toEqual([]);
      }
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      await page.setViewportSize({ width: 1360, height: 900 });
    },
  );

  it('streams the answers of two versions side by side, and takes a thumb as feedback', async () => {
    await page.goto(`${demo.url}/playground`);
    await page.fill('textarea', 'How do I reset my password?');
    await page.keyboard.press('Enter');
    const thumbs = page.getByRole('button', { name: 'Good answer' });
    await expect.poll(() => thumbs.count(), patience).toBe(2);
    expect(await page.getByText('reset your password').count()).toBe(2);
    const [sent] = await Promise.all([page.waitForResponse(/\/api\/feedback$/), thumbs.first().click()]);
    expect(sent.status()).toBe(202);
  });

  it('watches a bad version until it is rolled back', async () => {
    demo.askOften(50);
    const response = await demo.send('POST', '/api/admin/rollouts', { model: 'support-chat', to: '1.4.0' });
    const { id } = (await response.json()) as { readonly id: string };
    await page.goto(`${demo.url}/rollouts/${id}`);
    await page.getByText('Errors against stable').waitFor();
    await expect.poll(() => page.locator('main').textContent(), patience).toMatch(/rolled.back/i);
    expect(await findBarriers()).toEqual([]);
  }, 90_000);

  it('signs out, and the session is over', async () => {
    const [cookie] = await page.context().cookies();
    const ask = () => fetch(`${demo.url}/api/admin/keys`, { headers: { cookie: `${cookie?.name}=${cookie?.value}` } });
    expect((await ask()).status).toBe(200);
    await page.request.delete(`${demo.url}/api/admin/session`, { headers: { origin: demo.url } });
    expect((await ask()).status).toBe(401);
  });

  it('throws nothing meanwhile', () => {
    expect(broken).toEqual([]);
  });
});
