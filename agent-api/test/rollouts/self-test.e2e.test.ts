import type { ReceiptView } from '@scarmonit/protocol/admin/receipt';
import type { SelfTestReportView } from '@scarmonit/protocol/admin/self-test';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { killHostProcesses } from '../start-host-process.ts';
import { type FaultyUpstream, startFaultyUpstream } from './faulty-upstream.ts';
import { keepAsking } from './keep-asking.ts';
import { NodeHost } from './node-host.ts';
import { RolloutHost, upstreamManifest } from './rollout-host.ts';

const host = new RolloutHost(new NodeHost());
let upstream: FaultyUpstream;
beforeAll(async () => {
  upstream = await startFaultyUpstream();
  await host.start(upstreamManifest(upstream.baseUrl, [{ name: 'served', goals: { maxErrorRate: 0.5 }, rollout: {} }]));
});
afterAll(async () => {
  await host.close();
  await killHostProcesses();
  await upstream.close();
});

it('stops every planted version on a host that serves clients meanwhile, and leaves nothing but its receipt', {
  timeout: 240_000,
}, async () => {
  const traffic = keepAsking(host, 'served', 2);
  const { status, body } = await host.ask<SelfTestReportView>('admin/rollouts/self-test', {});
  const during = traffic.endings.length;
  await traffic.stop();
  expect(status).toBe(200);
  expect(body.cases.filter(({ passed }) => !passed)).toEqual([]);
  expect(body).toMatchObject({ passed: true, store: 'SQLite in memory' });
  expect(during).toBeGreaterThan(100);
  expect(traffic.endings.filter(({ how }) => how !== 'whole')).toEqual([]);

  const receipts = await host.ask<{ data: ReceiptView[] }>('admin/receipts?kind=self-test');
  expect(receipts.body.data).toMatchObject([{ body: body as object, model: 'scarmonit-self-test' }]);
  const models = ['predictions', 'traffic_revisions', 'rollouts', 'model_versions'].flatMap((table) =>
    host.query(`select distinct model from ${table}`).map(({ model }) => model),
  );
  expect(new Set(models)).toEqual(new Set(['served']));
  expect(host.query('select id from projects')).toEqual([{ id: 'default' }]);
});
