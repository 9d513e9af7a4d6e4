import { describe, expect, it, vi } from 'vitest';
import { createRolloutWorld } from '../../test/rollout-world.ts';
import type { Deployments } from '../deployments/deployments.ts';
import type { GoalFigures } from '../gates/compile-gates.ts';
import type { PredictionSummary } from '../ports/prediction-repository.ts';
import { createRolloutFace } from './rollout-views.ts';

const by = { by: 'sk-ada', reason: 'better answers' };
const minuteMs = 60_000;

/** The faces of a process whose manifest declares 1.0.0 alone; 1.1.0 is registered. */
async function setUp(requests: Readonly<Record<number, number>> = {}) {
  const world = await createRolloutWorld({}, ['1.0.0']);
  const process = await world.start();
  let wakes = 0;
  const summary = (requests: number, outcome: PredictionSummary['outcome'] = 'ok'): PredictionSummary => ({
    model: 'chat',
    version: '1.0.0',
    outcome,
    requests,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: 0,
  });
  const face = createRolloutFace({
    ...process.ports,
    service: process.service,
    predictions: {
      summarize: async (_project, since) => {
        const counted = requests[(world.clock.now() - since) / minuteMs] ?? 0;
        return [summary(counted * 0.9), summary(counted * 0.1, 'error'), { ...summary(9_999), model: 'other' }];
      },
    },
    ensureLive: process.versions.ensureLive,
    wake: () => {
      wakes += 1;
    },
  });
  return { world, process, face, wakes: () => wakes };
}

const wanted = { model: 'chat', to: '1.1.0', settings: { steps: [10, 50], minBakeMinutes: 5 }, ...by };

function promise(deployments: Deployments, goals: GoalFigures): void {
  deployments.replace(deployments.list().map((one) => ({ ...one, spec: { ...one.spec, goals } })));
}

describe('starting a rollout', () => {
  it('loads a version that the manifest does not declare, and tells where the rollout stands', async () => {
    const { face, process, wakes } = await setUp();
    const detail = await face.start(wanted);
    expect(detail).toMatchObject({
      rollout: { from: '1.0.0', to: '1.1.0', createdBy: 'sk-ada', plan: { steps: [0.1, 0.5] } },
      state: { phase: 'draft', reason: 'better answers' },
      traffic: { stable: '1.0.0', candidate: '1.1.0', weight: 0 },
      counts: { stable: { requests: 0 }, candidate: { requests: 0 } },
    });
    expect(wakes()).toBe(1);
    await process.round();
    expect(process.live()).toEqual({ '1.0.0': 'ready', '1.1.0': 'ready' });
    expect(await face.show(detail.rollout.id)).toMatchObject({ state: { phase: 'canary' } });
  });

  it('keeps its candidate through a round that knows nothing of it yet', async () => {
    const { face, process } = await setUp();
    const { listOpen } = process.ports.rollouts;
    vi.spyOn(process.ports.rollouts, 'listOpen').mockImplementationOnce(async (project) => {
      await process.round();
      return listOpen(project);
    });
    await face.start(wanted);
    expect(process.live()).toEqual({ '1.0.0': 'ready', '1.1.0': 'ready' });
    expect(process.runtime.log).toEqual(['load chat@1.0.0', 'load chat@1.1.0']);
  });

  it('leaves nothing behind when it is refused', async () => {
    const { face, process, wakes } = await setUp();
    const settings = { require: ['self-test'] };
    await expect(face.start({ ...wanted, settings })).rejects.toMatchObject({ code: 'receipts_missing' });
    expect(wakes()).toBe(0);
    await process.round();
    expect(process.live()).toEqual({ '1.0.0': 'ready' });
  });

  it('is refused for a deprecated version, which is not even loaded', async () => {
    const { face, process } = await setUp();
    await process.versions.deprecate('chat', '1.1.0', { deprecated: true, ...by });
    const conflict = { kind: 'conflict', code: 'version_deprecated' };
    await expect(face.start(wanted)).rejects.toMatchObject(conflict);
    expect(process.runtime.log).toEqual(['load chat@1.0.0']);
  });

  it('is refused with settings that make no sense', async () => {
    const { face } = await setUp();
    const settings = { strategy: 'blue-green', steps: [5] };
    await expect(face.start({ ...wanted, settings })).rejects.toMatchObject({ kind: 'invalid_request' });
    await expect(face.start({ ...wanted, model: 'none' })).rejects.toMatchObject({ kind: 'unknown_model' });
    await expect(face.start({ ...wanted, to: '9.9.9' })).rejects.toMatchObject({ kind: 'unknown_version' });
  });
});

describe('steering a rollout', () => {
  it('lets one of two who promote at once win, and tells the other', async () => {
    const { face, process, wakes } = await setUp();
    const { rollout } = await face.start(wanted);
    await process.round();
    const outcomes = await Promise.allSettled([
      face.command(rollout.id, 'promote', by),
      face.command(rollout.id, 'promote', { ...by, by: 'sk-bob' }),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { kind: 'conflict', code: 'revision_conflict' },
    });
    expect((await face.show(rollout.id)).traffic.weight).toBe(0.5);
    expect(wakes()).toBe(2);
  });
});

describe('showing rollouts', () => {
  it('counts no copies among the requests of the candidate, for no client has seen them', async () => {
    const { face, process } = await setUp();
    promise(process.deployments, { maxErrorRate: 0.5 });
    const { rollout } = await face.start({ ...wanted, settings: { shadow: { percent: 100, pairs: 50 } } });
    await process.round();
    const traffic = process.deployments.find('chat')?.traffic;
    if (traffic === undefined) throw new Error('There is traffic.');
    for (let copy = 0; copy < 10; copy += 1) process.counters.countCopy(traffic, copy === 0, 0);
    process.serve(30, () => ({}));
    await process.round();
    const { counts, readings } = await face.show(rollout.id);
    expect(counts).toMatchObject({ stable: { requests: 30 }, candidate: { requests: 0, events: {} } });
    expect(readings.find(({ gate }) => gate === 'maxErrorRate/absolute')).toMatchObject({
      exposure: 10,
      statistics: { buckets: [{ requests: 50, events: 1, buckets: 1 }] },
    });
  });

  it('counts requests and events of both versions', async () => {
    const { face, process } = await setUp();
    promise(process.deployments, { maxErrorRate: 0.5 });
    const { rollout } = await face.start(wanted);
    await process.round();
    process.serve(1_000, (request, arm) => ({ outcome: arm === 'candidate' && request % 5 === 0 ? 'error' : 'ok' }));
    await process.round();
    const { counts } = await face.show(rollout.id);
    expect(counts.stable.requests + counts.candidate.requests).toBe(1_000);
    expect(counts.stable.events.error).toEqual({ exposed: counts.stable.requests, happened: 0 });
    expect(counts.candidate.events.error?.exposed).toBe(counts.candidate.requests);
    expect(counts.candidate.events.error?.happened).toBeGreaterThan(0);
  });

  it('knows of no others', async () => {
    const { face } = await setUp();
    await expect(face.show('none')).rejects.toMatchObject({ kind: 'not_found', code: 'rollout_not_found' });
    expect(await face.list({ limit: 10 })).toEqual([]);
  });
});

describe('the history of a model', () => {
  it('begins with what served at a time, and stays when the model is gone', async () => {
    const { face, world, process } = await setUp();
    await world.clock.advance(minuteMs);
    const { rollout } = await face.start(wanted);
    expect(await face.history('chat', { limit: 1, at: minuteMs - 1 })).toMatchObject([
      { revision: 1, stable: '1.0.0', decidedBy: 'manifest', reason: 'the manifest declares the model' },
    ]);
    expect(await face.history('chat', { limit: 1, at: minuteMs })).toMatchObject([
      { revision: 2, candidate: '1.1.0', rolloutId: rollout.id, decidedBy: 'sk-ada', reason: 'better answers' },
    ]);
    process.deployments.replace([]);
    expect(await face.history('chat', { limit: 10 })).toHaveLength(2);
    await expect(face.history('none', { limit: 10 })).rejects.toMatchObject({ kind: 'unknown_model' });
  });
});

describe('planning a rollout', () => {
  const plan = { model: 'chat', settings: { steps: [50] } };

  it.each([
    [{ 60: 600, 5: 20 }, 10, 'last-hour'],
    [{ 60: 600, 5: 100 }, 20, 'last-5-minutes'],
    [{}, 0, 'last-hour'],
  ] as const)('reckons with the busier of the last hour and the last minutes: %o', async (seen, perMinute, from) => {
    const { face } = await setUp(seen);
    expect(await face.plan(plan)).toMatchObject({ requestsPerMinute: perMinute, trafficFrom: from });
  });

  it('reckons with what it is told', async () => {
    const { face } = await setUp({ 60: 600, 5: 20 });
    expect(await face.plan({ ...plan, requestsPerMinute: 7 })).toMatchObject({
      requestsPerMinute: 7,
      trafficFrom: 'given',
      settings: { steps: [50], strategy: 'canary' },
    });
  });
});
