import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  answer,
  completion,
  type MisbehavingUpstream,
  startMisbehavingUpstream,
} from '@scarmonit/adapters/test/fixtures/misbehaving-upstream';
import { createScarmonitClient } from '@scarmonit/client/create-scarmonit-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type HostProcess, killHostProcesses, startHostProcess } from './start-host-process.ts';
import { testKey } from './start-test-host.ts';

const secret = '0123456789abcdef0123456789abcdef';
const works = answer(200, completion('Hello'));
const patience = { timeout: 120_000, interval: 200 };

interface Told {
  readonly type: string;
  readonly summary: string;
  readonly data: Readonly<Record<string, unknown>>;
}

let dataDir: string;
let upstream: MisbehavingUpstream;
let receiver: Server;
/** What the webhook was told of alerts, where its signature was right. */
let told: Told[];
let host: HostProcess;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'scarmonit-'));
  upstream = await startMisbehavingUpstream(works);
  told = [];
  receiver = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request.headers;
    const right = `v1,${createHmac('sha256', secret).update(`${id}.${at}.${body}`).digest('base64')}`;
    const notification: Told = JSON.parse(body);
    if (signature === right && notification.type.startsWith('alert.')) told.push(notification);
    response.end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await killHostProcesses();
  await upstream.close();
  await new Promise((resolve) => receiver.close(resolve));
  rmSync(dataDir, { recursive: true, force: true });
});

const start = async (): Promise<void> => {
  host = await startHostProcess({
    dataDir,
    manifestPath: join(dataDir, 'scarmonit.yaml'),
    adminKey: testKey,
    env: {
      SCARMONIT_WEBHOOK_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
      SCARMONIT_WEBHOOK_SECRET: secret,
      SCARMONIT_WEBHOOK_ALLOW_PRIVATE: 'true',
    },
  });
};
/** @returns how many were answered well */
const ask = async (times: number): Promise<number> => {
  const init = {
    method: 'POST',
    headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }] }),
  };
  let answered = 0;
  for (let time = 0; time < times; time += 1) {
    const response = await fetch(`${host.url}/v1/chat/completions`, init);
    await response.text();
    if (response.ok) answered += 1;
  }
  return answered;
};
const typesTold = (): readonly string[] => told.map(({ type }) => type);

it('an upstream that fails is told of once, through a kill of the host, until it works again', {
  timeout: 300_000,
}, async () => {
  writeFileSync(
    join(dataDir, 'scarmonit.yaml'),
    `apiVersion: scarmonit/v1
models:
  chat:
    task: chat
    goals: { maxErrorRate: 0.05 }
    stable: 1.0.0
    versions:
      1.0.0: { runtime: openai-compatible, baseUrl: "${upstream.baseUrl}", model: mock-1, options: { retries: 0 } }
`,
  );
  await start();
  expect(await ask(3)).toBe(3);
  upstream.behave(answer(500, { error: { message: 'broken' } }));
  expect(await ask(10)).toBe(0);
  await expect.poll(typesTold, patience).toEqual(['alert.firing']);
  expect(told[0]).toMatchObject({
    summary: expect.stringMatching(
      /^chat: error rate\. 77 % of 13 requests failed in the last hour, .*5 % are allowed/,
    ),
    data: { rule: 'error-rate/chat/page', severity: 'page', state: 'firing' },
  });

  host.signal('SIGKILL');
  await host.ended;
  await start();
  upstream.behave(works);
  await expect.poll(() => ask(1), patience).toBe(1);
  expect(await ask(50)).toBe(50);
  await expect.poll(typesTold, patience).toEqual(['alert.firing', 'alert.resolved']);
  const { firing, resolved, silences } = await createScarmonitClient({
    baseUrl: host.url,
    apiKey: testKey,
  }).admin.listAlerts();
  expect({ firing, silences }).toEqual({ firing: [], silences: [] });
  expect(resolved).toMatchObject([
    { rule: 'error-rate/chat/page', deliveries: [{ channel: 'webhook', delivered: true }] },
  ]);
});
