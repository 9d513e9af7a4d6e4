import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts';
import { testPrediction } from '../../test/predictions.ts';
import type { LiveModel } from '../deployments/deployments.ts';
import { MetricCounters } from '../metrics/metric-counters.ts';
import type { MetricRow } from '../ports/metrics-repository.ts';
import type { Prediction } from '../ports/prediction-repository.ts';
import { createExpositionService, type ExpositionPorts } from './expose-metrics.ts';
import { keepFromFalling } from './keep-from-falling.ts';
import type { MetricFamily, MetricSample } from './metric-family.ts';

let clock: FakeClock;
let rows: MetricRow[];
let looks: number;
let failure: Error | undefined;
beforeEach(() => {
  clock = createFakeClock();
  rows = [];
  looks = 0;
  failure = undefined;
});

const count = (source: string, predictions: readonly Prediction[]): void => {
  const counters = new MetricCounters(source);
  for (const prediction of predictions) counters.count(prediction);
  rows.push(...counters.take(clock.now()).flush.minutes);
};

const never = () => new Promise<never>(() => undefined);
const stats = { residentBytes: 7, running: 2, queued: 1, slots: 4, queueLimit: 8, batchSizes: {}, crashes: 3 };
const model = (ofStable: () => Promise<typeof stats>): LiveModel =>
  ({
    spec: { name: 'chat', task: 'chat', goals: { maxLatencyMs: 500 } },
    traffic: { stable: '1.0.0', candidate: '1.1.0', weight: 0.25 },
    versions: new Map([
      ['1.0.0', { state: 'ready', loaded: { stats: ofStable } }],
      ['1.1.0', { state: 'loading', loaded: undefined }],
      ['0.9.0', { state: 'ready', loaded: { stats: never } }],
    ]),
  }) as unknown as LiveModel;

const open = (
  ofStable: () => Promise<typeof stats> = async () => stats,
  measureProcesses?: ExpositionPorts['measureProcesses'],
) =>
  createExpositionService({
    ...(measureProcesses === undefined ? {} : { measureProcesses }),
    clock,
    projectId: 'default',
    host: 'node',
    deployments: { list: () => [model(ofStable)] },
    metrics: {
      list: async (_, { from, to }) => {
        if (failure !== undefined) throw failure;
        return rows.filter(({ startedAt }) => startedAt >= from && startedAt < to);
      },
      countUsers: async (_, since) => {
        looks += 1;
        return new Map([['chat', since > clock.now() - 3_600_000 ? 2 : 9]]);
      },
    },
  });

/** Collects, and lets the engine that never answers run out of time. */
const collect = async (service: ReturnType<typeof open>): Promise<readonly MetricFamily[]> => {
  const collected = service.collect();
  await clock.advance(1_000);
  return collected;
};

const samplesOf = (families: readonly MetricFamily[], name: string): readonly MetricSample[] => {
  const family = families.find((one) => one.name === name);
  if (family === undefined) throw new Error(`there is no ${name}`);
  return family.samples;
};

describe('the exposed figures', () => {
  it('tell refusals by reason alone, each from the beginning, and among no model’s requests', async () => {
    const counters = new MetricCounters('a');
    counters.count(testPrediction());
    for (const reason of ['rate_limited', 'rate_limited', 'unknown_model'] as const) {
      counters.countRefusal(reason, clock.now());
    }
    rows.push(...counters.take(clock.now()).flush.minutes);
    const families = await collect(open());
    expect(samplesOf(families, 'scarmonit_requests_refused')).toEqual([
      { labels: { reason: 'unauthenticated' }, value: 0 },
      { labels: { reason: 'forbidden' }, value: 0 },
      { labels: { reason: 'rate_limited' }, value: 2 },
      { labels: { reason: 'unknown_model' }, value: 1 },
      { labels: { reason: 'unknown_version' }, value: 0 },
      { labels: { reason: 'invalid_request' }, value: 0 },
      { labels: { reason: 'payload_too_large' }, value: 0 },
    ]);
    for (const name of ['scarmonit_requests', 'scarmonit_cost_usd', 'scarmonit_request_duration_seconds']) {
      expect(samplesOf(families, name)).toHaveLength(1);
    }
  });

  it('are sums over all sources, told apart by what is known of them', async () => {
    count('a', [testPrediction(), testPrediction({ outcome: 'error', latencyMs: 9_000, outputTokens: 0 })]);
    count('b', [testPrediction({ latencyMs: 2_000, firstTokenMs: 30 }), testPrediction({ version: '1.1.0' })]);
    const families = await collect(open());
    const same = { model: 'chat', version: '1.0.0', route: '/v1/chat/completions' };
    expect(samplesOf(families, 'scarmonit_requests')).toEqual([
      { labels: { ...same, outcome: 'ok' }, value: 2 },
      { labels: { ...same, outcome: 'error' }, value: 1 },
      { labels: { ...same, version: '1.1.0', outcome: 'ok' }, value: 1 },
    ]);
    const [stable] = samplesOf(families, 'scarmonit_request_duration_seconds');
    const value = stable?.value;
    if (typeof value !== 'object') throw new Error('no histogram');
    expect(value).toMatchObject({ count: 2, sum: 2.1 });
    expect(value.buckets.map((bucket) => [bucket.atMost, bucket.count])).toEqual([
      [0.005, 0],
      [0.01, 0],
      [0.025, 0],
      [0.05, 0],
      [0.1, expect.any(Number)],
      [0.25, 1],
      [0.5, 1],
      [1, 1],
      [2.5, 2],
      [5, 2],
      [10, 2],
      [30, 2],
      [60, 2],
      [120, 2],
    ]);
    // Only one of them streamed; and a version without first tokens has no such histogram.
    expect(samplesOf(families, 'scarmonit_time_to_first_token_seconds')).toMatchObject([
      { labels: { version: '1.0.0' }, value: { count: 1, sum: 0.03 } },
    ]);
    expect(
      samplesOf(families, 'scarmonit_active_users').map(({ labels, value: users }) => [labels['window'], users]),
    ).toEqual([
      ['5m', 2],
      ['24h', 9],
    ]);
  });

  it('say what is served, and leave out engines that do not answer in time', async () => {
    const families = await collect(open());
    const byVersion = (name: string) =>
      samplesOf(families, name).map(({ labels, value }) => [labels['version'], value]);
    expect(byVersion('scarmonit_version_ready')).toEqual([
      ['1.0.0', 1],
      ['1.1.0', 0],
      ['0.9.0', 1],
    ]);
    expect(byVersion('scarmonit_traffic_share_ratio')).toEqual([
      ['1.0.0', 0.75],
      ['1.1.0', 0.25],
      ['0.9.0', 0],
    ]);
    expect(byVersion('scarmonit_engine_requests_running')).toEqual([['1.0.0', 2]]);
    expect(byVersion('scarmonit_engine_crashes')).toEqual([['1.0.0', 3]]);
    expect(samplesOf(families, 'scarmonit_goal')).toEqual([
      { labels: { model: 'chat', goal: 'maxLatencyMs' }, value: 500 },
    ]);
  });

  it('count what each process has in flight at an upstream', async () => {
    const figures = {
      residentBytes: 1,
      heapUsedBytes: 1,
      cpuSeconds: 1,
      startedAtSeconds: 1,
      recordsWaiting: 0,
      recordsDropped: 0,
    };
    const upstreams = [{ model: 'chat', version: '1.0.0', running: 5, slots: 100 }];
    const measureProcesses = async () => [
      { ...figures, process: 'primary' },
      { ...figures, process: 'http-1', upstreams },
      { ...figures, process: 'http-2', upstreams },
    ];
    const families = await collect(open(async () => stats, measureProcesses));
    const firstOf = (name: string) => samplesOf(families, name)[0]?.value;
    expect(firstOf('scarmonit_engine_requests_running')).toBe(12);
    expect(firstOf('scarmonit_engine_slots')).toBe(204);
    expect(samplesOf(families, 'scarmonit_process_resident_memory_bytes')).toHaveLength(3);
  });

  it('are looked at once for those who ask within a second', async () => {
    const service = open();
    await Promise.all([collect(service), service.collect(), service.collect()]);
    expect(looks).toBe(2);
    await collect(service);
    expect(looks).toBe(4);
  });

  it('are looked at again at once after a look that failed', async () => {
    const service = open();
    failure = new Error('the store is away');
    await expect(collect(service)).rejects.toThrow('the store is away');
    failure = undefined;
    expect(await collect(service)).not.toEqual([]);
  });
});

describe('a counter', () => {
  const family = (value: number): MetricFamily => ({
    name: 'scarmonit_cost_usd',
    type: 'counter',
    help: '',
    samples: [{ labels: { model: 'chat' }, value }],
  });
  it('never falls, since that would count it whole once more', () => {
    const keep = keepFromFalling();
    const told = [0.3, 0.1 + 0.2, 0.3, 0.5].map((value) => keep([family(value)])[0]?.samples[0]?.value);
    expect(told).toEqual([0.3, 0.1 + 0.2, 0.1 + 0.2, 0.5]);
  });
});
