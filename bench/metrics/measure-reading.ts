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

/** Milliseconds until the P95 of every version is known. */
export async function measurePercentiles(repository: MetricsRepository): Promise<Record<string, unknown>[]> {
  const results: Record<string, unknown>[] = [];
  for (const [window, lengthMs] of Object.entries(windows)) {
    const { from, to } = windowUntil(filledUntil, lengthMs);
    let rows = 0;
    const ms = await median(async () => {
      const found = await repository.list('default', { from, to, longest: 'day' });
      rows = found.length;
      for (const sum of sumMetrics(found, ['latency'], ({ version }) => version).values()) sum.latency.quantile(0.95);
    });
    results.push({ window, rows, ms: Number(ms.toFixed(1)) });
  }
  return results;
}

/** Milliseconds until all figures of a model are known, by window; the 30 days' budgets are read anew each time. */
export async function measureOverview(database: SqlDatabase): Promise<Record<string, number>> {
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
    flush: async () => undefined,
  });
  const results: Record<string, number> = {};
  for (const [window, windowMs] of Object.entries(windows)) {
    const ms = await median(async () => {
      // Past the time for which the month's sums are kept, and within the same minute's figures all the same.
      now = now === filledUntil ? filledUntil + 31_000 : filledUntil;
      await service.report({ windowMs });
    });
    results[`${window} ms`] = Number(ms.toFixed(0));
  }
  return results;
}

async function median(run: () => Promise<void>): Promise<number> {
  const elapsed: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    await run();
    elapsed.push(performance.now() - startedAt);
  }
  return elapsed.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
}
