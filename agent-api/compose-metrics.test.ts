import { openSqlite } from '@scarmonit/adapters/sqlite/open-sqlite';
import { createSystemIds } from '@scarmonit/adapters/system/system-ids';
import { Deployments, type LiveModel } from '@scarmonit/core/deployments/deployments';
import type { Clock } from '@scarmonit/core/ports/clock';
import { createFakeClock, type FakeClock } from '@scarmonit/core/test/fake-clock';
import { testPrediction } from '@scarmonit/core/test/predictions';
import { migrate } from '@scarmonit/store/migrate';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ComposedMetrics, composeMetrics } from './compose-metrics.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const start = 1_700_006_400_000;

let clock: FakeClock;
let database: ReturnType<typeof openSqlite>;
const processes: ComposedMetrics[] = [];
beforeEach(async () => {
  clock = createFakeClock(start);
  database = openSqlite(':memory:');
  await migrate(database, clock);
});
afterEach(async () => {
  for (const process of processes.splice(0)) await process.close();
  await database.close();
});

/** A process with a model that is ready. Killed, its clock stands still: nothing of it runs any more. */
function startProcess(retentionDays = 30): ComposedMetrics & { kill(): void } {
  let isDead = false;
  const own: Clock = {
    now: clock.now,
    monotonicMs: clock.monotonicMs,
    schedule: (delayMs, run) => clock.schedule(delayMs, () => (isDead ? undefined : run())),
  };
  const deployments = new Deployments();
  const model = {
    spec: { name: 'chat', task: 'chat', goals: {}, requirements: {}, stable: '1.0.0', versions: [] },
    createdAt: start,
    traffic: { stable: '1.0.0', weight: 0, createdAt: start, decidedBy: 'manifest' },
    versions: new Map([['1.0.0', { state: 'ready' }]]),
  };
  deployments.replace([model as unknown as LiveModel]);
  const metrics = composeMetrics({
    database,
    projectId: 'default',
    clock: own,
    ids: createSystemIds(clock.now),
    deployments,
    retentionDays,
    log: (_level, message, { err }) => {
      throw new Error(message, { cause: err });
    },
  });
  processes.push(metrics);
  return {
    ...metrics,
    kill: () => {
      isDead = true;
    },
  };
}

const figuresOf = async ({ services }: ComposedMetrics, windowMs = hourMs) => {
  const { models } = await services.overview.report({ windowMs });
  const [model] = models;
  if (model === undefined) throw new Error('There is no model.');
  return { ...model.figures, requests: model.versions.reduce((sum, { requests }) => sum + requests, 0) };
};

/** The writes of a round run in a thread of their own, of which the fake clock knows nothing: a read comes after them. */
async function pass(ms: number): Promise<void> {
  const step = 10_000;
  for (let passed = 0; passed < ms; passed += step) {
    await clock.advance(Math.min(step, ms - passed));
    await database.query({ sql: 'select 1', parameters: [] });
  }
}

describe('the figures of a process', () => {
  it('count the time between a kill and the next start as down', async () => {
    const first = startProcess();
    first.noteState();
    await pass(10 * minuteMs);
    first.kill();
    await clock.advance(20 * minuteMs);
    const second = startProcess();
    second.noteState();
    await pass(10 * minuteMs);
    const { uptime } = await figuresOf(second);
    // Of 40 minutes 20 are down, but for the ten seconds for which the last heartbeat holds.
    expect(uptime.figure.value).toBeCloseTo((20 * minuteMs + 10_000) / (40 * minuteMs), 6);
  });

  it('count a restart that nobody noticed as no down time', async () => {
    const first = startProcess();
    first.noteState();
    await pass(10 * minuteMs);
    await first.endService();
    await first.close();
    await clock.advance(5_000);
    const second = startProcess();
    second.noteState();
    await pass(5 * minuteMs);
    expect((await figuresOf(second)).uptime.figure).toMatchObject({ value: 1, samples: 2 });
  });

  it('lose the last second of a process that is killed, and nothing that was written before', async () => {
    const first = startProcess();
    first.record(testPrediction({ createdAt: clock.now() }));
    await pass(1_000);
    first.record(testPrediction({ createdAt: clock.now() }));
    first.kill();
    const second = startProcess();
    second.record(testPrediction({ createdAt: clock.now(), version: '1.1.0' }));
    expect((await figuresOf(second)).requests).toBe(2);
  });

  it('are kept by hour and day as long as the retention says, and never counted twice on the way', async () => {
    const process = startProcess(7);
    for (let day = 0; day < 3; day += 1) {
      process.record(testPrediction({ createdAt: clock.now() }));
      await pass(minuteMs);
      await clock.advance(dayMs - minuteMs);
    }
    expect((await figuresOf(process, 30 * dayMs)).requests).toBe(3);
    await clock.advance(6 * dayMs);
    await vi.waitFor(async () => {
      await clock.advance(hourMs);
      expect((await figuresOf(process, 30 * dayMs)).requests).toBe(1);
    }, 10_000);
    const all = await process.metrics.list('default', { from: 0, to: clock.now(), longest: 'all' });
    expect(all.reduce((sum, { requests }) => sum + requests, 0)).toBe(3);
  });
});
