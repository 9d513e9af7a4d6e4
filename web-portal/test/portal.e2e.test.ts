// needs: chromium
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from './open-browser.ts';
import { type Demo, reachable, startDemo, unreachable } from './start-demo.ts';
import { visit } from './visit.ts';

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

/** Starts one from the version's card, and stays on its page. */
async function startRollout(version: string): Promise<void> {
  await visit(page, `${demo.url}/models/support-chat`);
  await page.getByRole('region', { name: version }).getByRole('button', { name: 'Roll out' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Start the rollout' }).click();
  await page.waitForURL(/\/rollouts\/\w/);
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
    const latency = page.locator('dl > div').filter({ hasText: /^P95 latency/ });
    await expect.poll(() => latency.textContent(), patience).toMatch(/\d\s*m?s.*at most 1\s*s.*budget/);
    const asked = async (): Promise<number> => {
      const row = page.getByRole('row', { name: /^1\.2\.0 stable/ });
      return Number((await row.getByRole('cell').nth(1).textContent())?.replaceAll(',', ''));
    };
    const before = await asked();
    await expect.poll(asked, patience).toBeGreaterThan(before);
    expect(await page.getByText('this model gives none').isVisible()).toBe(true);
  });

  it.each([
    '/',
    '/?window=30d&model=help-search',
    '/models',
    '/models/support-chat',
    '/models/support-chat?measure=throughput&window=15m',
    '/rollouts',
    '/playground',
    '/requests',
    '/requests?outcome=timeout',
    '/alerts',
    '/keys',
    '/history',
  ])('has no barriers on %s, in light and dark, and does not scroll sideways on a telephone', async (path) => {
    await visit(page, `${demo.url}${path}`);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await findBarriers()).toEqual([]);
    }
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await findBarriers()).toEqual([]);
    await page.setViewportSize({ width: 1360, height: 900 });
  });

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

  it('rolls a bad version out from its page, and watches it until it is rolled back', async () => {
    demo.askOften(25);
    await startRollout('1.4.0');
    await page.getByRole('heading', { name: 'errors against stable' }).waitFor();
    await expect.poll(() => page.locator('h1 + *').textContent(), patience).toMatch(/rolled.back/i);
    demo.askOften(12);
    expect(await findBarriers()).toEqual([]);
    await visit(page, `${demo.url}/history?model=support-chat`);
    expect(await page.getByRole('row', { name: /1\.2\.0, 10.%.1\.4\.0/ }).count()).toBe(1);
  }, 90_000);

  it('pauses, resumes, promotes and rolls back a good one, each after one question', async () => {
    await startRollout('1.3.0');
    const phase = page.locator('h1 + *');
    const decide = async (button: string, told: RegExp): Promise<void> => {
      await page.getByRole('button', { name: button, exact: true }).click();
      const question = page.getByRole('alertdialog');
      expect(await question.textContent()).toMatch(told);
      await question.getByRole('button', { name: button, exact: true }).click();
      await question.waitFor({ state: 'detached' }).catch(async (cause: unknown) => {
        throw new Error(`The question stays: ${await question.textContent()}`, { cause });
      });
    };
    await expect.poll(() => phase.textContent(), patience).toMatch(/canary/);
    await page.getByRole('button', { name: 'Pause' }).click();
    expect(await findBarriers()).toEqual([]);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    await decide('Pause', /weights stay as they are/);
    await expect.poll(() => phase.textContent(), patience).toMatch(/paused/);
    await decide('Resume', /by its gates/);
    await expect.poll(() => phase.textContent(), patience).not.toMatch(/paused/);
    await decide('Promote to 50\u00a0%', /50.% of the requests for support-chat go to 1\.3\.0 at once/);
    await decide('Promote to 100\u00a0%', /All of the requests for support-chat go to 1\.3\.0 at once/);
    await decide('Promote to stable', /1\.2\.0 stays warm for 5.min/);
    await expect.poll(() => phase.textContent(), patience).toMatch(/active/);
    await decide('Roll back', /All requests go to 1\.2\.0 at once/);
    await expect.poll(() => phase.textContent(), patience).toMatch(/rolled.back/);
  }, 120_000);

  it('shows an alert on every page while it fires, with what to do, and as resolved afterwards', async () => {
    demo.setSearchGoal(unreachable);
    await visit(page, `${demo.url}/alerts`);
    const alert = page
      .getByRole('region', { name: 'Firing' })
      .getByRole('listitem')
      .filter({ hasText: 'help-search: latency' })
      .first();
    await alert.waitFor({ timeout: 60_000 });
    expect(await alert.textContent()).toMatch(/firing, act now.*took longer than 1.ms.*Look at the load/);
    expect(await findBarriers()).toEqual([]);

    await alert.getByRole('button', { name: 'Silence' }).click();
    const question = page.getByRole('alertdialog');
    await question.getByLabel('Why').fill('a goal that nobody meets');
    await question.getByRole('button', { name: 'Silence it' }).click();
    await page.getByRole('region', { name: 'Silences' }).getByText('a goal that nobody meets').waitFor();
    await expect.poll(() => alert.textContent(), patience).toMatch(/Silenced/);

    await visit(page, `${demo.url}/`);
    expect(await page.getByRole('list', { name: 'Firing now' }).textContent()).toMatch(/help-search: latency/);
    demo.setSearchGoal(reachable);
    await visit(page, `${demo.url}/alerts`);
    const over = page
      .getByRole('region', { name: 'Resolved' })
      .getByRole('row')
      .filter({ hasText: 'help-search: latency' });
    await over.first().waitFor({ timeout: 120_000 });
  }, 240_000);

  it('makes a key that is shown once, and revokes it', async () => {
    await visit(page, `${demo.url}/keys`);
    await page.getByRole('button', { name: 'Create a key' }).click();
    await page.getByLabel('Name', { exact: true }).fill('nightly job');
    expect(await findBarriers()).toEqual([]);
    await page
      .getByRole('button', { name: /^Create/ })
      .last()
      .click();
    const secret = await page.getByTestId('secret').textContent();
    const ask = () => fetch(`${demo.url}/v1/models`, { headers: { authorization: `Bearer ${secret}` } });
    expect((await ask()).status).toBe(200);
    await page.getByRole('button', { name: 'I have copied it' }).click();

    const row = page.getByRole('row', { name: /nightly job/ });
    await row.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke it' }).click();
    await expect.poll(() => row.textContent(), patience).toMatch(/revoked/);
    expect((await ask()).status).toBe(401);
    expect(await page.content()).not.toContain(secret);
  });

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
