import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMemoryRateLimiter } from '@scarmonit/adapters/memory/memory-rate-limiter';
import { openSqlite } from '@scarmonit/adapters/sqlite/open-sqlite';
import { createNodeHash } from '@scarmonit/adapters/system/node-hash';
import { createSystemIds } from '@scarmonit/adapters/system/system-ids';
import { createScarmonitClient, type ScarmonitClient } from '@scarmonit/client/create-scarmonit-client';
import { Deployments } from '@scarmonit/core/deployments/deployments';
import { defaultProjectId as projectId } from '@scarmonit/core/keys/default-project';
import { createKeyService } from '@scarmonit/core/keys/key-service';
import { createApplyManifest } from '@scarmonit/core/services/apply-manifest';
import { createInferenceService } from '@scarmonit/core/services/serve-inference';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { createFakeRuntime } from '@scarmonit/core/test/fake-runtime';
import { createTestPorts, testManifest } from '@scarmonit/core/test/manifest';
import { createAgentApi } from '@scarmonit/server/create-agent-api';
import { createKeyRepository } from '@scarmonit/store/key-repository';
import { migrate } from '@scarmonit/store/migrate';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startAnomalies } from '../compose-anomalies.ts';
import { openNotifications } from '../node/create-notifier.ts';
import { elsewhere } from '../node/processes/services-elsewhere.ts';

const minuteMs = 60_000;
const adminKey = 'sk-anomalies-0123456789abcdef0123456789';

let receiver: Server;
let told: { readonly type: string; readonly summary: string }[];

beforeEach(async () => {
  told = [];
  receiver = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    told.push(JSON.parse(body));
    response.end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => receiver.close(resolve)));

/** The parts of the host that requests, records, the store and notifications run through, on a clock that a test moves. */
async function openHost() {
  const clock = createFakeClock(1_700_438_400_000);
  const ids = createSystemIds();
  const hash = createNodeHash();
  const database = openSqlite(':memory:');
  await migrate(database, clock);
  const keyRepository = createKeyRepository(database);
  const limiter = createMemoryRateLimiter({ clock });
  const keys = createKeyService({ repository: keyRepository, limiter, clock, ids, hash, projectId });
  await keys.load();
  await keys.ensureBootstrapKey(adminKey);
  const { port } = receiver.address() as AddressInfo;
  const webhook = { url: `http://127.0.0.1:${port}/`, secret: '0123456789abcdef0123456789abcdef', allowPrivate: true };
  const channels = { webhook, slack: undefined, email: undefined };
  const { notifier } = await openNotifications(channels, clock, pino({ level: 'silent' }));
  const anomalies = startAnomalies({
    database,
    projectId,
    clock,
    ids,
    keys: keyRepository,
    notifier,
    log: () => undefined,
  });
  const deployments = new Deployments();
  const ports = createTestPorts({ clock, runtime: createFakeRuntime(), deployments });
  await createApplyManifest(ports).apply(testManifest({ chat: ['1.0.0'] }), 'start');
  const inference = createInferenceService({
    deployments,
    assign: ({ stable }) => ({ version: stable }),
    clock,
    ids,
    hash,
    record: anomalies.record,
    content: anomalies.content,
  });
  const app = createAgentApi({ ...elsewhere, keys, inference, ...anomalies.services }, { clock });
  const clientOf = (apiKey: string) => {
    const fetch = async (input: string | URL | Request, init?: RequestInit) => app.fetch(new Request(input, init));
    return createScarmonitClient({ baseUrl: 'http://127.0.0.1', apiKey, fetch });
  };
  return {
    admin: clientOf(adminKey).admin,
    clientOf,
    ask: async (client: ScarmonitClient, times: number) => {
      for (let time = 0; time < times; time += 1) {
        await client.chat({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }] });
      }
    },
    /** Lets five minutes pass. What falls due each minute is done when the only timer that there is has been set again. */
    passWindow: async () => {
      for (let minute = 0; minute < 5; minute += 1) {
        await clock.advance(minuteMs);
        while (clock.pending === 0) await new Promise(setImmediate);
        await notifier.drained();
      }
    },
    close: async () => {
      await anomalies.close();
      await database.close();
    },
  };
}

it('a key that suddenly asks for 40 times as much is told of once, in words, and listed until it is over', {
  timeout: 60_000,
}, async () => {
  const host = await openHost();
  const usual = host.clientOf((await host.admin.createKey({ name: 'usual', scopes: ['infer'] })).secret);
  const { key, secret } = await host.admin.createKey({ name: 'sudden', scopes: ['infer'] });
  const sudden = host.clientOf(secret);
  for (let window = 0; window < 2 * 288 + 12; window += 1) {
    await host.ask(usual, 4);
    if (window % 2 === 0) await host.ask(sudden, 5);
    await host.passWindow();
  }
  expect(await host.admin.listAnomalies()).toEqual({ data: [], open: 0, nextBefore: null });

  await host.ask(sudden, 200);
  await host.passWindow();
  await host.passWindow();
  const { data, open } = await host.admin.listAnomalies({ kind: 'key' });
  expect(open).toBe(2);
  expect(data).toMatchObject([
    { kind: 'key', subject: key.id, label: key.prefix, measure: 'requests', value: 200, until: null },
  ]);
  const summary = `key ${key.prefix} made 40× its highest number of requests: 200 in 5 minutes, before at most 5`;
  expect(data[0]?.summary).toBe(summary);

  for (let window = 0; window < 5; window += 1) await host.passWindow();
  const over = await host.admin.listAnomalies();
  expect(over.open).toBe(0);
  expect(over.data.map(({ until }) => until === null)).toEqual([false, false]);
  const drift = await host.admin.readDrift();
  expect(drift.data.map(({ feature, state, referenceDays }) => [feature, state, referenceDays])).toEqual([
    ['input-tokens', 'collecting', 2],
    ['output-tokens', 'collecting', 2],
    ['script', 'collecting', 2],
  ]);
  await host.close();
  expect(told.map(({ type }) => type)).toEqual(['anomaly.begun', 'anomaly.begun']);
  expect(told.map(({ summary: words }) => words)).toContain(summary);
});
