import type { Goals } from '../manifest/manifest.ts';
import type { FeedbackScore } from '../ports/metrics-repository.ts';
import { wilsonInterval } from '../statistics/wilson-interval.ts';
import type { Figure, FigureGoal, MetricsPoint } from './overview.ts';
import type { MetricSum } from './sum-metrics.ts';

/** A share with its interval. @param reason why there is none when nothing was counted */
export function shareOf(events: number, trials: number, reason: string): Figure {
  if (trials === 0) return { reason };
  return { value: events / trials, interval: wilsonInterval(events, trials), samples: trials };
}

/** The 95th percentile of the requests that were answered. */
export function latencyOf(sum: MetricSum, distribution: 'latency' | 'firstToken', reason: string): Figure {
  const sketch = sum[distribution];
  const value = sketch.quantile(0.95);
  return value === undefined ? { reason } : { value, samples: sketch.count };
}

export function errorRateOf(sum: MetricSum, reason: string): Figure {
  return shareOf(sum.failed, sum.judged, reason);
}

/** Over all versions; undefined for a model of which feedback says nothing. */
export function addScores(scores: readonly FeedbackScore[]): Omit<FeedbackScore, 'version'> | undefined {
  const [first] = scores;
  if (first === undefined) return undefined;
  const total = (count: (score: FeedbackScore) => number): number =>
    scores.reduce((sum, score) => sum + count(score), 0);
  return {
    model: first.model,
    labelled: total(({ labelled }) => labelled),
    right: total(({ right }) => right),
    rated: total(({ rated }) => rated),
    satisfied: total(({ satisfied }) => satisfied),
    tasks: total(({ tasks }) => tasks),
    completed: total(({ completed }) => completed),
  };
}

/** A goal that a figure must not exceed. */
export function atMost(target: number | undefined, figure: Figure): FigureGoal | undefined {
  if (target === undefined) return undefined;
  return { target, ...(figure.value === undefined ? {} : { isMet: figure.value <= target }) };
}

/** A goal that a figure must reach. */
export function atLeast(target: number | undefined, figure: Figure): FigureGoal | undefined {
  if (target === undefined) return undefined;
  return { target, ...(figure.value === undefined ? {} : { isMet: figure.value >= target }) };
}

/** How many judged requests a goal allows to miss it, as a share: "P95 ≤ L" lets five in a hundred be slower than L. */
export const latencyBudget = 0.05;

/**
 * Judged requests that were slower than a limit, those without an answer included.
 * @param sum with the distribution in question
 */
export function slowerThan(sum: MetricSum, distribution: 'latency' | 'firstToken', limitMs: number): number {
  return sum[distribution].countAbove(limitMs) + sum.failed;
}

/** What is left of the 30 days' budgets of the goals that have one. */
export function budgetsLeft(
  month: MetricSum | undefined,
  { maxErrorRate, maxLatencyMs, maxTimeToFirstTokenMs }: Goals,
): Readonly<Partial<Record<'errorRate' | 'latencyP95Ms' | 'firstTokenP95Ms', number>>> {
  if (month === undefined || month.judged === 0) return {};
  const left = (events: number, exposed: number, share: number): number => 1 - events / (exposed * share);
  const streams = month.firstToken.count + month.failed;
  return {
    ...(maxErrorRate === undefined || maxErrorRate === 0
      ? {}
      : { errorRate: left(month.failed, month.judged, maxErrorRate) }),
    ...(maxLatencyMs === undefined
      ? {}
      : { latencyP95Ms: left(slowerThan(month, 'latency', maxLatencyMs), month.judged, latencyBudget) }),
    ...(maxTimeToFirstTokenMs === undefined || month.firstToken.count === 0
      ? {}
      : { firstTokenP95Ms: left(slowerThan(month, 'firstToken', maxTimeToFirstTokenMs), streams, latencyBudget) }),
  };
}

export function toPoint(sum: MetricSum | undefined): MetricsPoint {
  const { latency, firstToken } = sum ?? {};
  const judged = sum?.judged ?? 0;
  return {
    requests: sum?.requests ?? 0,
    errorRate: sum === undefined || judged === 0 ? null : sum.failed / judged,
    latencyP50Ms: latency?.quantile(0.5) ?? null,
    latencyP95Ms: latency?.quantile(0.95) ?? null,
    latencyP99Ms: latency?.quantile(0.99) ?? null,
    firstTokenP95Ms: firstToken?.quantile(0.95) ?? null,
  };
}
