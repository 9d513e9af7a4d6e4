import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createScarmonitClient, type ScarmonitClient } from '@scarmonit/client/create-scarmonit-client';
import { relativeError } from '@scarmonit/core/metrics/quantile-sketch';
import type { PredictionView } from '@scarmonit/protocol/admin/prediction';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type HostProcess, killHostProcesses, startHostProcess } from './start-host-process.ts';
import { testKey } from './start-test-host.ts';

const patience = { timeout: 30_000, interval: 50 };

let folder: string;
let upstream: Server;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scarmonit-metrics-'));
  // Fails where the question says so.
  upstream = createServer(async (request, response) => {
    const fails = (await text(request)).includes('please fail');
    response.writeHead(fails ? 500 : 200, { 'content-type': 'application/json' });
    const message = { role: 'assistant', content: 'Hello' };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    const usage = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };
    response.end(JSON.stringify(fails ? { error: { message: 'no' } } : { object: 'chat.completion', choices, usage }));
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await killHostProcesses();
  await new Promise((resolve) => upstream.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

function writeManifest(): string {
  const { port } = upstream.address() as { port: number };
  const version = {
    runtime: 'openai-compatible',
    baseUrl: `http://127.0.0.1:${port}/v1`,
    model: 'any',
    options: { retries: 0, breaker: { failures: 1_000_000 } },
    prices: { perRequestUsd: 0.25 },
  };
  const goals = { maxErrorRate: 0.5, maxLatencyMs: 10_000 };
  const models = { chat: { task: 'chat', stable: '1.0.0', goals, versions: { '1.0.0': version } } };
  const path = join(folder, 'scarmonit.yaml');
  // YAML takes JSON.
  writeFileSync(path, JSON.stringify({ apiVersion: 'scarmonit/v1', models }));
  return path;
}

const start = (manifestPath: string): Promise<HostProcess> =>
  startHostProcess({
    dataDir: join(folder, 'data'),
    manifestPath,
    adminKey: testKey,
    env: { SCARMONIT_PROCESSES: '2' },
  });

/** Requests of five users, every fourth of which fails, each over a connection of its own so that all processes get some. */
async function ask({ url }: HostProcess, count: number): Promise<void> {
  const statuses = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const content = index % 4 === 0 ? 'please fail' : 'Hi';
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${testKey}`, 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify({ model: 'chat', user: `user-${index % 5}`, messages: [{ role: 'user', content }] }),
      });
      await response.text();
      return response.status;
    }),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(count - Math.ceil(count / 4));
}

async function readFigures(client: ScarmonitClient) {
  const { models } = await client.admin.readOverview({ model: 'chat', window: '1h' });
  const [model] = models;
  if (model === undefined) throw new Error('There is no model.');
  return { ...model.figures, requests: model.versions.reduce((sum, { requests }) => sum + requests, 0) };
}

/** The same figures by their definitions, from the records of the requests. */
function calculate(records: readonly PredictionView[]) {
  const ok = records.filter(({ outcome }) => outcome === 'ok').map(({ latencyMs }) => latencyMs);
  const failed = records.filter(({ outcome }) => outcome === 'error' || outcome === 'timeout').length;
  const p95 = ok.sort((a, b) => a - b)[Math.ceil(0.95 * ok.length) - 1] ?? Number.NaN;
  const cost = records.reduce((sum, { costUsd }) => sum + costUsd, 0) / records.length;
  return { p95, errorRate: failed / (ok.length + failed), cost };
}

/** Waits until so many requests are told of, which other processes write once a second, and compares. */
async function expectAgreement(client: ScarmonitClient, requests: number): Promise<void> {
  await vi.waitFor(async () => expect((await readFigures(client)).requests).toBe(requests), patience);
  const { data } = await vi.waitFor(async () => {
    const page = await client.admin.listPredictions({ limit: 1000 });
    expect(page.data).toHaveLength(requests);
    return page;
  }, patience);
  const truth = calculate(data);
  const figures = await readFigures(client);
  expect(figures.errorRate.figure).toMatchObject({ value: truth.errorRate, samples: requests });
  expect(Math.abs((figures.latencyP95Ms.figure.value ?? 0) / truth.p95 - 1)).toBeLessThanOrEqual(relativeError + 1e-9);
  expect(figures.costPerRequestUsd.figure.value).toBeCloseTo(truth.cost, 9);
  expect(figures.activeUsers5m.figure).toMatchObject({ value: 5 });
  expect(figures.accuracy.figure.value).toBeNull();
}

it('tells figures that equal those of the records, over several processes and a kill in the middle', async () => {
  const manifestPath = writeManifest();
  const host = await start(manifestPath);
  const client = createScarmonitClient({ baseUrl: host.url, apiKey: testKey });
  await ask(host, 40);
  await expectAgreement(client, 40);

  host.signal('SIGKILL');
  await host.ended;
  const again = await start(manifestPath);
  const clientAgain = createScarmonitClient({ baseUrl: again.url, apiKey: testKey });
  await expectAgreement(clientAgain, 40);
  await ask(again, 20);
  await expectAgreement(clientAgain, 60);

  const { errorRate, uptime } = await readFigures(clientAgain);
  expect(errorRate.goal).toMatchObject({ target: 0.5, isMet: true });
  expect(uptime.figure).toMatchObject({ samples: 2 });
  const series = await clientAgain.admin.readMetricsSeries({ model: 'chat', window: '1h', by: 'version' });
  expect(series.lines).toHaveLength(1);
  expect(series.lines[0]?.points.reduce((sum, { requests }) => sum + requests, 0)).toBe(60);
});
