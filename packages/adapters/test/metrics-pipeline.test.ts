import { Deployments } from '@scarmonit/core/deployments/deployments';
import { MetricCounters } from '@scarmonit/core/metrics/metric-counters';
import type { Overview } from '@scarmonit/core/metrics/overview';
import { relativeError } from '@scarmonit/core/metrics/quantile-sketch';
import { dayMs, hourMs, minuteMs, windowUntil } from '@scarmonit/core/metrics/windows';
import type { MetricsRepository } from '@scarmonit/core/ports/metrics-repository';
import type { Outcome, Prediction } from '@scarmonit/core/ports/prediction-repository';
import { createMetricsRecorder } from '@scarmonit/core/services/record-metrics';
import { createOverviewService } from '@scarmonit/core/services/report-overview';
import { createFakeClock } from '@scarmonit/core/test/fake-clock';
import { testPrediction } from '@scarmonit/core/test/predictions';
import { createFeedbackScoreRepository } from '@scarmonit/store/metrics-feedback-repository';
import { createMetricsRepository } from '@scarmonit/store/metrics-repository';
import { createUptimeRepository } from '@scarmonit/store/metrics-uptime-repository';
import { migrate } from '@scarmonit/store/migrate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSqlite } from '../src/sqlite/open-sqlite.ts';

const start = 1_700_006_400_000;
const outcomes: readonly Outcome[] = ['ok', 'ok', 'ok', 'error', 'timeout', 'cancelled', 'client_error', 'limited'];

/** What happens next: a request ends, time passes, or something befalls a process or the store. */
type Step =
  | { readonly kind: 'request'; readonly process: number; readonly request: Partial<Prediction> }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'restart' | 'kill'; readonly process: number }
  | { readonly kind: 'fail'; readonly how: 'before' | 'after' }
  | { readonly kind: 'fold' };

const requests: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('request' as const),
  process: fc.nat(2),
  request: fc.record({
    model: fc.constantFrom('chat', 'other'),
    version: fc.constantFrom('1.0.0', '1.1.0'),
    route: fc.constantFrom('/v1/chat/completions', '/v1/completions'),
    outcome: fc.constantFrom(...outcomes),
    latencyMs: fc.double({ min: 0.1, max: 900_000, noNaN: true }),
    inputTokens: fc.nat(4000),
    outputTokens: fc.nat(1000),
    endUser: fc.constantFrom('u1', 'u2', 'u3', 'u4'),
  }),
});
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: requests },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(10, 999, minuteMs, 9 * minuteMs, hourMs),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'kill' as const), process: fc.nat(2) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      how: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'fold' }) },
);

/** Several processes that count into one store, some of whose writes fail. */
async function runSteps(wanted: readonly Step[]) {
  const clock = createFakeClock(start);
  const database = openSqlite(':memory:');
  await migrate(database, clock);
  const repository = createMetricsRepository(database);
  const failures: ('before' | 'after')[] = [];
  let made = 0;
  const open = () => {
    made += 1;
    /** What is in the memory of the process alone. */
    let unwritten: Prediction[] = [];
    let isDead = false;
    const write: MetricsRepository['write'] = async (...flush) => {
      const taken = unwritten;
      unwritten = [];
      const how = isDead ? 'before' : failures.shift();
      if (how === 'before') {
        unwritten = [...taken, ...unwritten];
        throw new Error('The store is away.');
      }
      await repository.write(...flush);
      if (how === 'after') throw new Error('The answer was lost.');
    };
    const recorder = createMetricsRecorder({
      counters: new MetricCounters(`process-${made}`),
      repository: { write },
      clock,
      projectId: 'default',
      onError: () => undefined,
    });
    return {
      flush: recorder.flush,
      record: (prediction: Prediction) => {
        unwritten.push(prediction);
        recorder.record(prediction);
      },
      /** @returns what is lost with it */
      kill: (): readonly Prediction[] => {
        isDead = true;
        return unwritten;
      },
    };
  };
  const processes = [open(), open(), open()];
  let raw: readonly Prediction[] = [];
  /** A write runs in a thread of its own, of which the fake clock knows nothing. */
  const flushAll = async (): Promise<void> => {
    for (const process of processes) await process.flush().catch(() => undefined);
  };
  for (const step of wanted) {
    if (step.kind === 'request') {
      const latencyMs = step.request.latencyMs ?? 0;
      const prediction = testPrediction({ ...step.request, createdAt: Math.round(clock.now() - latencyMs) });
      raw = [...raw, prediction];
      processes[step.process]?.record(prediction);
    } else if (step.kind === 'wait') {
      await clock.advance(step.ms);
      await flushAll();
    } else if (step.kind === 'restart') {
      // As a process is stopped: what it counted is written, unless the store fails again and again.
      for (const attempt of [1, 2, 3]) await processes[step.process]?.flush().catch(() => attempt);
      const left = processes[step.process]?.kill() ?? [];
      raw = raw.filter((prediction) => !left.includes(prediction));
      processes[step.process] = open();
    } else if (step.kind === 'kill') {
      const lost = processes[step.process]?.kill() ?? [];
      raw = raw.filter((prediction) => !lost.includes(prediction));
      processes[step.process] = open();
    } else if (step.kind === 'fail') {
      failures.push(step.how);
    } else {
      await repository.fold('default', clock.now());
    }
  }
  failures.length = 0;
  await flushAll();
  const overviews = createOverviewService({
    metrics: repository,
    uptime: createUptimeRepository(database),
    scores: createFeedbackScoreRepository(database),
    deployments: deploymentsOf('chat', 'other'),
    clock,
    projectId: 'default',
    beatEveryMs: 10_000,
    flush: async () => undefined,
  });
  return { clock, raw, repository, overviews, close: () => database.close() };
}

/** Two models as the overview must know them; nothing is loaded. */
function deploymentsOf(...names: readonly string[]): Deployments {
  const deployments = new Deployments();
  deployments.replace(
    names.map((name) => ({
      spec: {
        name,
        task: 'chat',
        goals: { maxErrorRate: 0.01, maxLatencyMs: 500 },
        requirements: {},
        stable: '1.0.0',
        versions: [],
      },
      createdAt: start,
      traffic: {
        model: name,
        revision: 1,
        stable: '1.0.0',
        weight: 0,
        shadow: 0,
        sticky: 'none',
        salt: '',
        decidedBy: 'manifest',
        reason: '',
        createdAt: start,
      },
      versions: new Map(),
    })),
  );
  return deployments;
}

const endOf = ({ createdAt, latencyMs }: Prediction): number => createdAt + latencyMs;

/** The figures of a model by their definitions, from the requests themselves. */
function calculate(raw: readonly Prediction[], model: string, from: number, now: number) {
  const own = raw.filter((request) => request.model === model);
  const inWindow = own.filter((request) => endOf(request) >= from);
  const ok = inWindow.filter(({ outcome }) => outcome === 'ok');
  const failed = inWindow.filter(({ outcome }) => outcome === 'error' || outcome === 'timeout').length;
  const sorted = ok.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  const distinct = (since: number) =>
    new Set(own.filter((request) => Math.round(endOf(request)) >= since).map(({ endUser }) => endUser)).size;
  return {
    requests: inWindow.length,
    judged: ok.length + failed,
    errorRate: failed / (ok.length + failed),
    p95: sorted[Math.ceil(0.95 * sorted.length) - 1],
    cost: inWindow.reduce((sum, { costUsd }) => sum + costUsd, 0) / inWindow.length,
    users5m: distinct(now - 5 * minuteMs),
    users24h: distinct(now - dayMs),
  };
}

function expectFigures(overview: Overview, raw: readonly Prediction[], now: number): void {
  for (const { model, figures, versions } of overview.models) {
    const truth = calculate(raw, model, overview.from, now);
    expect(versions.reduce((sum, { requests: some }) => sum + some, 0)).toBe(truth.requests);
    const { errorRate, latencyP95Ms, throughputRps, costPerRequestUsd, activeUsers5m, activeUsers24h } = figures;
    if (truth.judged === 0) expect(errorRate.figure).toEqual({ reason: 'No requests in this time.' });
    else expect(errorRate.figure).toMatchObject({ value: truth.errorRate, samples: truth.judged });
    if (truth.p95 === undefined) expect(latencyP95Ms.figure.value).toBeUndefined();
    else expect(Math.abs((latencyP95Ms.figure.value ?? 0) / truth.p95 - 1)).toBeLessThanOrEqual(relativeError + 1e-9);
    if (truth.requests > 0) {
      expect(costPerRequestUsd.figure.value).toBeCloseTo(truth.cost, 12);
      expect(throughputRps.figure.value).toBeCloseTo(truth.requests / ((now - overview.from) / 1000), 9);
    }
    expect(activeUsers24h.figure.value ?? 0).toBe(truth.users24h);
    expect(activeUsers5m.figure.value ?? 0).toBe(truth.users5m);
  }
}

describe('figures', () => {
  it('equal those of the requests themselves, over processes, restarts and writes that fail', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 20, maxLength: 80 }), async (wanted) => {
        const { clock, raw, overviews, close } = await runSteps(wanted);
        try {
          for (const windowMs of [15 * minuteMs, hourMs, dayMs, 30 * dayMs]) {
            const overview = await overviews.report({ windowMs });
            expectFigures(overview, raw, clock.now());
          }
          const { lines, times } = await overviews.series({ windowMs: dayMs, model: 'chat', byVersion: true });
          const { from } = windowUntil(clock.now(), dayMs);
          const counted = lines.flatMap(({ points }) => points).reduce((sum, point) => sum + point.requests, 0);
          expect(counted).toBe(calculate(raw, 'chat', from, clock.now()).requests);
          for (const { points } of lines) expect(points).toHaveLength(times.length);
        } finally {
          await close();
        }
      }),
      { numRuns: 25, seed: 20_261 },
    );
  }, 60_000);

  it('are unknown, and say why, where there is nothing to tell them from', async () => {
    const { overviews, close } = await runSteps([]);
    const { models } = await overviews.report({ windowMs: hourMs, model: 'chat' });
    const reasons = Object.values(models[0]?.figures ?? {}).map(({ figure }) => figure.value ?? figure.reason);
    expect(reasons).toHaveLength(11);
    for (const reason of reasons) expect(reason).toEqual(expect.stringMatching(/^No/));
    await close();
  });

  it('refuse a model that is not there', async () => {
    const { overviews, close } = await runSteps([]);
    await expect(overviews.report({ windowMs: hourMs, model: 'nope' })).rejects.toMatchObject({
      kind: 'unknown_model',
    });
    await close();
  });
});
