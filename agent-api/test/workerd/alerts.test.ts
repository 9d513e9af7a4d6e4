import { reset } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { type AlertReportView, alertReportSchema, alertTestReportSchema } from '@scarmonit/protocol/admin/alert';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ComposedApp, compose } from '../../worker/compose.ts';
import type { Env } from '../../worker/env.ts';

const adminKey = 'sk-scarmonit-only-for-tests';
const minuteMs = 60_000;
const manifest = `apiVersion: scarmonit/v1
models:
  chat:
    task: chat
    goals: { maxErrorRate: 0.05 }
    stable: 1.0.0
    versions:
      1.0.0: { runtime: workers-ai, model: "@cf/meta/llama-3-8b-instruct", timeoutMs: 5000 }
`;

/** What receivers were told, by the path that it was posted to. */
let told: { readonly path: string; readonly body: { readonly type?: string; readonly text?: string } }[];

/** An isolate of its own. @param run what Workers AI does */
function openIsolate(run: () => Promise<unknown> = async () => ({ response: 'Hello' })): ComposedApp {
  return compose({
    ...(env as unknown as Env),
    AI: { run },
    API_KEY: adminKey,
    ENCRYPTION_KEY: '0123456789abcdef',
    MIGRATE_AT_START: 'true',
    SCARMONIT_WEBHOOK_URL: 'https://hooks.example.com/webhook',
    SCARMONIT_WEBHOOK_SECRET: '0123456789abcdef0123456789abcdef',
    SCARMONIT_SLACK_URL: 'https://hooks.example.com/slack',
  });
}

async function ask(app: ComposedApp, method: string, path: string, body?: string): Promise<Response> {
  await app.prepare();
  const headers = { authorization: `Bearer ${adminKey}` };
  const init = { method, headers, ...(body === undefined ? {} : { body }) };
  return app.fetch(new Request(`https://agent.example.com${path}`, init));
}

const chat = async (app: ComposedApp, times: number): Promise<void> => {
  const body = JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }] });
  for (let time = 0; time < times; time += 1) await (await ask(app, 'POST', '/v1/chat/completions', body)).text();
};
const report = async (app: ComposedApp): Promise<AlertReportView> =>
  alertReportSchema.parse(JSON.parse(await (await ask(app, 'GET', '/api/admin/alerts')).text()));
const rulesOf = (alerts: AlertReportView['firing']): readonly string[] => alerts.map(({ rule }) => rule);
const typesTold = (): readonly string[] => told.flatMap(({ body }) => body.type ?? []);

beforeEach(() => {
  told = [];
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.stubGlobal('fetch', async (...of: ConstructorParameters<typeof Request>) => {
    const request = new Request(...of);
    told.push({ path: new URL(request.url).pathname, body: JSON.parse(await request.text()) });
    return new Response('ok');
  });
});
afterEach(async () => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  await reset();
});

/** What the cron trigger does a minute later, in whichever isolate it wakes. */
const cron = async (app: ComposedApp): Promise<void> => {
  vi.setSystemTime(Date.now() + minuteMs);
  await app.prepare();
  await app.runEveryMinute(Date.now());
};

it('fires once for all isolates, and is over when the trouble is, whichever the cron wakes', async () => {
  const failing = openIsolate(() => Promise.reject(new Error('The model broke.')));
  expect((await ask(failing, 'PUT', '/api/admin/manifest', manifest)).status).toBe(200);
  await chat(failing, 6);
  const first = openIsolate();
  const second = openIsolate();
  await vi.waitFor(async () => {
    await cron(first);
    expect(rulesOf((await report(first)).firing)).toEqual(['error-rate/chat/page']);
  }, 10_000);
  await cron(second);
  await cron(first);
  expect(typesTold()).toEqual(['alert.firing']);
  expect(told.map(({ path }) => path).sort()).toEqual(['/slack', '/webhook']);
  expect(rulesOf((await report(second)).firing)).toEqual(['error-rate/chat/page']);

  for (let minute = 0; minute < 35; minute += 1) await cron(minute % 2 === 0 ? second : first);
  const after = await report(second);
  expect(after.firing).toEqual([]);
  expect(rulesOf(after.resolved)).toEqual(['error-rate/chat/page']);
  expect(typesTold()).toEqual(['alert.firing', 'alert.resolved']);
});

it('shows in a test that every channel is told, and leaves a receipt', async () => {
  const app = openIsolate();
  expect((await ask(app, 'PUT', '/api/admin/manifest', manifest)).status).toBe(200);
  const text = await (await ask(app, 'POST', '/api/admin/alerts/test', '{}')).text();
  expect(alertTestReportSchema.parse(JSON.parse(text))).toMatchObject({
    passed: true,
    deliveries: [
      { channel: 'webhook', target: 'hooks.example.com', delivered: true },
      { channel: 'slack', target: 'hooks.example.com', delivered: true },
    ],
    receipts: [{ model: 'chat', version: '1.0.0' }],
  });
  expect(typesTold()).toEqual(['alert.test']);
});
