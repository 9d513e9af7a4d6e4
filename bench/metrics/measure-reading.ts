import { Deployments } from '../../packages/core/src/deployments/deployments.ts';
import { sumMetrics } from '../../packages/core/src/metrics/sum-metrics.ts';
import { dayMs, hourMs, windowUntil } from '../../packages/core/src/metrics/windows.ts';
import type { MetricsRepository } from '../../packages/core/src/ports/metrics-repository.ts';
import type { SqlDatabase } from '../../packages/core/src/ports/sql-database.ts';
import { createOverviewService } from '../../packages/core/src/services/report-overview.ts';
import { createFeedbackScoreRepository } from '../../packages/store/src/metrics-feedback-repository.ts';
import { createMetricsRepository } from '../../packages/store/src/metrics-repository.ts';
import { createUptimeRepository } from '../../packages/store/src/metrics-uptime-repository.ts';
import { filledUntil } from './fill-store.ts';

const rounds = 9;
const windows = { '1 h': hourMs, '6 h': 6 * hourMs, '24 h': dayMs, '7 d': 7 * dayMs, '30 d': 30 * dayMs };

/** Milliseconds until the P95 of every version is known, and the processor's time in all threads meanwhile. */
export async function measurePercentiles(repository: MetricsRepository): Promise<Record<string, unknown>[]> {
  const results: Record<string, unknown>[] = [];
  for (const [window, lengthMs] of Object.entries(windows)) {
    const { from, to } = windowUntil(filledUntil, lengthMs);
    let rows = 0;
    const cost = await median(async () => {
      const found = await repository.list('default', { from, to, longest: 'day', distributions: ['latency'] });
      rows = found.length;
      for (const sum of sumMetrics(found, ['latency'], ({ version }) => version).values()) sum.latency.quantile(0.95);
    });
    results.push({ window, rows, ...cost });
  }
  return results;
}

/** The same until all figures of a model are known; the 30 days' budgets are read anew each time. */
export async function measureOverview(database: SqlDatabase): Promise<Record<string, unknown>[]> {
  const deployments = new Deployments();
  const traffic = {
    model: 'chat',
    revision: 1,
    stable: '1.0.0',
    weight: 0,
    shadow: 0,
    sticky: 'none',
    salt: '',
  } as const;
  deployments.replace([
    {
      spec: {
        name: 'chat',
        task: 'chat',
        goals: { maxErrorRate: 0.01, maxLatencyMs: 500 },
        requirements: {},
        stable: '1.0.0',
        versions: [],
      },
      createdAt: 0,
      traffic: { ...traffic, decidedBy: 'manifest', reason: '', createdAt: 0 },
      versions: new Map(),
    },
  ]);
  let now = filledUntil;
  const service = createOverviewService({
    metrics: createMetricsRepository(database),
    uptime: createUptimeRepository(database),
    scores: createFeedbackScoreRepository(database),
    deployments,
    clock: { now: () => now },
    projectId: 'default',
    beatEveryMs: 10_000,
    flush: async () => undefined,
  });
  const results: Record<string, unknown>[] = [];
  for (const [window, windowMs] of Object.entries(windows)) {
    const cost = await median(async () => {
      // Past the time for which the month's sums are kept, and within the same minute's figures all the same.
      now = now === filledUntil ? filledUntil + 31_000 : filledUntil;
      await service.report({ windowMs });
    });
    results.push({ window, ...cost });
  }
  return results;
}

interface Cost {
  readonly ms: number;
  /** Of all threads: what it would take at most if it had the machine to itself. */
  readonly processorMs: number;
}

async function median(run: () => Promise<void>): Promise<Cost> {
  const elapsed: number[] = [];
  const used: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    const usedBefore = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(usedBefore);
    elapsed.push(performance.now() - startedAt);
    used.push((user + system) / 1_000);
  }
  const middle = (values: number[]): number =>
    Number((values.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN).toFixed(1));
  return { ms: middle(elapsed), processorMs: middle(used) };
}
