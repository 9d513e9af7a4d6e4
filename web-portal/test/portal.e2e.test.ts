// needs: chromium
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import type { Browser, Page, Response } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from './open-browser.ts';
import { type Demo, reachable, startDemo, unreachable } from './start-demo.ts';
import { visit } from './visit.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** A page looks at the store once a second at most, and a rollout needs some dozens of requests. */
const patience = { timeout: 60_000 };

const telephone = { bypassCSP: true, viewport: { width: 360, height: 740 } } as const;

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
    const scripts: Promise<number>[] = [];
    const weigh = (response: Response): void => {
      if (!/\.js$/.test(new URL(response.url()).pathname)) return;
      scripts.push(response.body().then((body) => gzipSync(body).length));
    };
    page.on('response', weigh);
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
    page.off('response', weigh);
    const firstLoad = (await Promise.all(scripts)).reduce((sum, bytes) => sum + bytes, 0);
    expect(scripts.length).toBeGreaterThan(2);
    expect(firstLoad).toBeLessThanOrEqual(200_000);
  });

  it('asks for what the first page shows beside its scripts, once, and for nothing that is not seen', async () => {
    const small = await browser.newContext({ storageState: await page.context().storageState(), ...telephone });
    const other = await small.newPage();
    const asked: string[] = [];
    other.on('request', (request) => asked.push(request.url().slice(demo.url.length)));
    await visit(other, `${demo.url}/?window=15m`);
    expect(asked.filter((path) => path === '/api/admin/session')).toHaveLength(1);
    expect(asked.filter((path) => path === '/api/admin/overview?window=15m')).toHaveLength(1);
    const seen = asked.map((path) => /^\/assets\/(menus|version-chart)/.exec(path)?.[1]).filter(Boolean);
    expect(seen).toEqual([]);
    await other.getByRole('heading', { name: 'Latency' }).scrollIntoViewIfNeeded();
    await other.locator('canvas').waitFor();
    await small.close();
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

  it('sends a test alert through the channels, and says of each whether it arrived', async () => {
    await visit(page, `${demo.url}/alerts`);
    await page.getByRole('button', { name: 'Test the channels' }).click();
    const question = page.getByRole('alertdialog');
    expect(await question.textContent()).toMatch(/goes through every channel/);
    await question.getByRole('button', { name: 'Send it' }).click();
    const report = page.getByRole('region', { name: 'The test' });
    await report.waitFor();
    expect(await report.getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/^delivered.*webhook.*after \d/),
    ]);
    expect(demo.heard).toContain('alert.test');
    expect(await findBarriers()).toEqual([]);
    await visit(page, `${demo.url}/history?model=support-chat`);
    await page
      .getByRole('row', { name: /alert.test/ })
      .first()
      .waitFor();
  });

  it('deprecates a version with a reason, says so on its card, and takes it back', async () => {
    await visit(page, `${demo.url}/models/support-chat`);
    const card = page.getByRole('region', { name: '1.4.0' });
    await card.getByRole('button', { name: 'Deprecate' }).click();
    const question = page.getByRole('alertdialog');
    expect(await question.textContent()).toMatch(/answers only who pins it.*can be undone/);
    await question.getByLabel('Reason').fill('it falls over');
    expect(await findBarriers()).toEqual([]);
    await question.getByRole('button', { name: 'Deprecate it' }).click();
    await question.waitFor({ state: 'detached' });
    await expect.poll(() => card.textContent(), patience).toMatch(/deprecated.*Deprecated by .*it falls over/);
    expect(await card.getByRole('button', { name: 'Roll out' }).count()).toBe(0);
    expect(await findBarriers()).toEqual([]);

    await card.getByRole('button', { name: 'Take back into use' }).click();
    await question.getByRole('button', { name: 'Take it back' }).click();
    await question.waitFor({ state: 'detached' });
    await card.getByRole('button', { name: 'Roll out' }).waitFor();
    expect(await card.textContent()).not.toMatch(/it falls over/);
  });

  it('says why a decision was refused, when somebody else has decided meanwhile', async () => {
    await visit(page, `${demo.url}/models/support-chat`);
    const card = page.getByRole('region', { name: '1.4.0' });
    await card.getByRole('button', { name: 'Deprecate' }).click();
    const question = page.getByRole('alertdialog');
    // The page hears of it a second later at the earliest, and what it asks carries what it showed.
    const path = '/api/admin/models/support-chat/versions/1.4.0/deprecation';
    const { revision } = (await (await demo.send('GET', '/api/admin/models/support-chat/versions/1.4.0')).json()) as {
      readonly revision: number;
    };
    await page.route(`**${path}`, async (route) => {
      const asked = route.request().postDataJSON() as { readonly revision: number };
      expect((await demo.send('POST', path, { ...asked, reason: 'first', revision })).status).toBe(200);
      await route.continue();
    });
    await question.getByRole('button', { name: 'Deprecate it' }).click();
    const refusal = question.getByRole('alert');
    await refusal.waitFor();
    expect(await refusal.textContent()).toMatch(/\w+ .*\./);
    expect(await findBarriers()).toEqual([]);
    await page.unroute(`**${path}`);
    await question.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => card.textContent(), patience).toMatch(/Deprecated by .*first/);
  });

  it('shows what is unusual as it begins and ends, without being asked', async () => {
    await visit(page, `${demo.url}/alerts`);
    const unusual = page.getByRole('region', { name: 'Unusual' });
    expect(await unusual.count()).toBe(0);
    demo.plantAnomaly();
    await unusual.waitFor();
    expect(await unusual.textContent()).toMatch(/goes on.*key sk-ab12 made 41× its usual requests: 1,230 in 5 minutes/);
    expect(await findBarriers()).toEqual([]);
    demo.endAnomaly();
    await expect.poll(() => unusual.textContent(), patience).toMatch(/^(?!.*goes on).*, over/);
  });

  it('shows what has drifted as soon as it is known, and what has not', async () => {
    await visit(page, `${demo.url}/models/support-chat`);
    const drift = page.getByRole('region', { name: 'Drift' });
    expect(await drift.count()).toBe(0);
    demo.plantDrift();
    await drift.waitFor();
    expect(await drift.getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/^as before.*no drift in the lengths of inputs \(population stability index 0\.00\)/),
      expect.stringMatching(/^drifted.*drift in what it says .*in bad: 33.% before, 80.% lately/),
    ]);
    expect(await findBarriers()).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.setViewportSize({ width: 1360, height: 900 });
  });

  it('tells in one line what was refused before a model was chosen', async () => {
    await fetch(`${demo.url}/v1/chat/completions`, { method: 'POST', body: '{}' });
    await visit(page, `${demo.url}/`);
    const line = page.getByText(/refused before a model was chosen/);
    await line.waitFor();
    expect(await line.textContent()).toMatch(/without a valid key/);
  });

  it('lets a key that may only read look at everything, and says why it changes nothing', async () => {
    const made = await demo.send('POST', '/api/admin/keys', { name: 'onlooker', scopes: ['read'] });
    const { secret } = (await made.json()) as { readonly secret: string };
    const other = await (await browser.newContext({ bypassCSP: true, reducedMotion: 'reduce' })).newPage();
    other.on('pageerror', (error) => broken.push(error.message));
    await other.goto(demo.url);
    await other.fill('#key', secret);
    await other.keyboard.press('Enter');
    await other.getByText('may look only').waitFor();
    const why = 'Your key may look and not change. Sign in with a key of the scope admin.';
    for (const [path, button] of [
      ['/models/support-chat', 'Roll out'],
      ['/alerts', 'Test the channels'],
      ['/keys', 'Create a key'],
      ['/keys', 'Revoke'],
    ] as const) {
      await visit(other, `${demo.url}${path}`);
      const shown = other.getByRole('button', { name: button }).first();
      expect([await shown.isDisabled(), await shown.getAttribute('title')]).toEqual([true, why]);
    }
    await visit(other, `${demo.url}/playground`);
    await other.fill('textarea', 'How do I reset my password?');
    await other.keyboard.press('Enter');
    await other.getByText(/scope/).first().waitFor();
    await other.context().close();
  });

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

  it('opens its menus when they are wanted, by keyboard too, and goes where they lead', async () => {
    await visit(page, `${demo.url}/`);
    const account = page.getByRole('button', { name: /^Signed in with the key/ });
    await account.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
    expect(await findBarriers()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.ariaLabel), patience).toMatch(/^Signed in/);

    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Keys' }).click();
    await page.getByRole('heading', { name: 'Keys' }).waitFor();
    await page.setViewportSize({ width: 1360, height: 900 });
  });

  it('signs out, and the session is over', async () => {
    const [cookie] = await page.context().cookies();
    const ask = () => fetch(`${demo.url}/api/admin/keys`, { headers: { cookie: `${cookie?.name}=${cookie?.value}` } });
    expect((await ask()).status).toBe(200);
    await page.getByRole('button', { name: /^Signed in with the key/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.locator('#key').waitFor();
    expect((await ask()).status).toBe(401);
  });

  it('throws nothing meanwhile', () => {
    expect(broken).toEqual([]);
  });
});
