import { Deployments, type LiveModel } from '@scarmonit/core/deployments/deployments';
import type { Goals } from '@scarmonit/core/manifest/manifest';
import { MetricCounters } from '@scarmonit/core/metrics/metric-counters';
import { dayMs, hourMs, minuteMs } from '@scarmonit/core/metrics/windows';
import type { MetricsRepository } from '@scarmonit/core/ports/metrics-repository';
import type { Notification, NotificationChannel } from '@scarmonit/core/ports/notifier';
import type { Prediction } from '@scarmonit/core/ports/prediction-repository';
import { seededRandom } from '@scarmonit/core/rollouts/simulation/seeded-random';
import { writeMetrics } from '@scarmonit/core/services/record-metrics';
import { createAlertRounds } from '@scarmonit/core/services/watch-alerts';
import { createGoalSource } from '@scarmonit/core/services/watch-alerts-goals';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { testManifest } from '@scarmonit/core/test/manifest';
import { testPrediction } from '@scarmonit/core/test/predictions';
import { createAlertRepository } from '@scarmonit/store/alert-repository';
import { createLeaseRepository } from '@scarmonit/store/lease-repository';
import { createMetricsRepository } from '@scarmonit/store/metrics-repository';
import { migrate } from '@scarmonit/store/migrate';
import { describe, expect, it } from 'vitest';
import { openSqlite } from '../src/sqlite/open-sqlite.ts';

const projectId = 'default';
/** A full hour, so that hours and days are easy to follow. */
const start = Date.UTC(2026, 0, 5);

function serve(goals: Goals): Deployments {
  const deployments = new Deployments();
  const models = testManifest({ chat: ['1.0.0'] }).models.map((spec): LiveModel => {
    const traffic = {
      model: 'chat',
      revision: 1,
      stable: '1.0.0',
      weight: 0,
      shadow: 0,
      sticky: 'none' as const,
      salt: '',
      decidedBy: 'manifest',
      reason: '',
      createdAt: start,
    };
    return { spec: { ...spec, goals }, createdAt: start, traffic, versions: new Map() };
  });
  deployments.replace(models);
  return deployments;
}

/** Requests that are counted, written and folded as a host does, and alerts that look at what comes of it. */
async function openWorld(goals: Goals) {
  const clock = createFakeClock(start);
  const database = openSqlite(':memory:');
  await migrate(database, clock);
  const metrics: MetricsRepository = createMetricsRepository(database);
  const counters = new MetricCounters('process-1');
  const sent: (Notification & { readonly at: number })[] = [];
  const channel: NotificationChannel = {
    kind: 'slack',
    target: 'test',
    isForPeople: true,
    close: async () => undefined,
    deliver: async (notification) => void sent.push({ ...notification, at: clock.now() - start }),
  };
  const errors: unknown[] = [];
  let made = 0;
  const deployments = serve(goals);
  const openRounds = () =>
    createAlertRounds({
      alerts: createAlertRepository(database),
      leases: createLeaseRepository(database),
      sources: [createGoalSource({ metrics, deployments, projectId })],
      channels: [channel],
      clock,
      ids: { next: () => String(++made).padStart(6, '0') },
      projectId,
      isReady: () => true,
      onChange: () => undefined,
      onError: (error) => errors.push(error),
    });
  let rounds = openRounds();
  const restart = async (): Promise<void> => {
    await rounds.close();
    rounds = openRounds();
  };
  /** A stretch of time: requests, spread evenly, and a round of the alerts, every so often. */
  const pass = async (
    lengthMs: number,
    {
      perStep,
      everyMs,
      request,
    }: { perStep: number; everyMs: number; request: (index: number) => Partial<Prediction> },
  ): Promise<void> => {
    for (let passed = 0; passed < lengthMs; passed += everyMs) {
      for (let index = 0; index < perStep; index += 1) {
        const endedAt = clock.now() + (index * everyMs) / Math.max(1, perStep);
        const { latencyMs = 100, ...rest } = request(index);
        counters.count(testPrediction({ ...rest, latencyMs, createdAt: Math.round(endedAt - latencyMs) }));
      }
      await clock.advance(everyMs);
      await writeMetrics({ counters, repository: metrics, clock, projectId, onError: () => undefined });
      if (clock.now() % hourMs === 0) await metrics.fold(projectId, clock.now());
      await rounds.round();
    }
  };
  const told = () => sent.map(({ type, data }) => `${type} ${data.rule}`);
  return { pass, restart, sent, told, errors, close: () => database.close() };
}

const healthy = { perStep: 1_800, everyMs: 15 * minuteMs, request: () => ({}) };
const round = { perStep: 20, everyMs: 10_000 };

describe('alerts over the figures of requests', { timeout: 60_000 }, () => {
  it('fire on 5 % errors when the mathematics says so, and end when the trouble does', async () => {
    const { pass, sent, told, errors, close } = await openWorld({ maxErrorRate: 0.001 });
    await pass(3 * dayMs, healthy);
    expect(sent).toEqual([]);
    const troubleAt = 3 * dayMs;
    // One request of 20 fails: 1.44 % of an hour's after 17.3 minutes, 0.6 % of six hours' after 43.2 minutes.
    const failing = { ...round, request: (index: number) => (index === 0 ? { outcome: 'error' as const } : {}) };
    await pass(16 * minuteMs, failing);
    expect(sent).toEqual([]);
    await pass(4 * minuteMs, failing);
    expect(told()).toEqual(['alert.firing error-rate/chat/page']);
    const firedAfterMs = (sent[0]?.at ?? 0) - troubleAt;
    expect(firedAfterMs).toBeGreaterThan(17.3 * minuteMs - minuteMs);
    // The hour is of whole minutes and the one that runs: up to a minute late, and a round.
    expect(firedAfterMs).toBeLessThan(17.3 * minuteMs + minuteMs + 10_000);
    expect(sent[0]?.summary).toMatch(
      /^chat: error rate\. 1\.4 % of 7,\d{3} requests failed in the last hour, 5 % in the last 5 minutes; 0\.1 % are allowed: the budget of 30 days burns 14 times as fast as allowed and lasts 2 days\. Look at /,
    );
    await pass(20 * minuteMs, { ...round, request: () => ({}) });
    expect(told()).toEqual(['alert.firing error-rate/chat/page', 'alert.resolved error-rate/chat/page']);
    // The five minutes must be clean enough: 0.27 of them may still be bad ones; and then it is untrue for a minute.
    const endedAfterMs = (sent[1]?.at ?? 0) - troubleAt - 20 * minuteMs;
    expect(endedAfterMs).toBeGreaterThan(3 * minuteMs);
    expect(endedAfterMs).toBeLessThan(7 * minuteMs);
    expect(errors).toEqual([]);
    await close();
  });

  it('fire on slow requests, and once for a failure that is slow as well', async () => {
    const goals = { maxErrorRate: 0.01, maxLatencyMs: 500 };
    const slow = await openWorld(goals);
    await slow.pass(10 * minuteMs, { ...round, request: () => ({ latencyMs: 900 }) });
    expect(slow.told()).toEqual(['alert.firing latency/chat/page']);
    await slow.close();
    const failing = await openWorld(goals);
    await failing.pass(10 * minuteMs, { ...round, request: () => ({ latencyMs: 900, outcome: 'timeout' }) });
    expect(failing.told()).toEqual(['alert.firing error-rate/chat/page']);
    await failing.close();
  });

  it('fire when nobody asks any more where somebody did for a day, and end with the next request', async () => {
    const { pass, restart, told, sent, close } = await openWorld({});
    await pass(26 * hourMs, { ...healthy, perStep: 150 });
    expect(sent).toEqual([]);
    const nobody = { perStep: 0, everyMs: 10_000, request: () => ({}) };
    await pass(5 * minuteMs, nobody);
    expect(sent).toEqual([]);
    await pass(5 * minuteMs, nobody);
    expect(told()).toEqual(['alert.firing no-traffic/chat/page']);
    // Long after the minutes of the last request have left every short window, and for a process that never saw them.
    await pass(2 * hourMs, { ...nobody, everyMs: minuteMs });
    await restart();
    await pass(10 * minuteMs, { ...nobody, everyMs: minuteMs });
    expect(sent).toHaveLength(1);
    await pass(10_000, { ...nobody, perStep: 1 });
    expect(told()).toEqual(['alert.firing no-traffic/chat/page', 'alert.resolved no-traffic/chat/page']);
    await close();
  });

  it('stay silent through a week at half of each goal', async () => {
    const { pass, sent, errors, close } = await openWorld({ maxErrorRate: 0.02, maxLatencyMs: 500 });
    const random = seededRandom(7);
    const half = (): Partial<Prediction> => ({
      ...(random() < 0.01 ? { outcome: 'error' as const } : {}),
      latencyMs: random() < 0.025 ? 800 : 100,
    });
    await pass(7 * dayMs, { ...healthy, perStep: 45, request: half });
    expect(sent).toEqual([]);
    expect(errors).toEqual([]);
    await close();
  });
});
