import type { AlertSource } from '../alerts/alert-source.ts';
import {
  burnWindowsMs,
  compileObjectives,
  type Exposure,
  type Objective,
  readObjective,
  rulesOf,
} from '../alerts/burn-rates.ts';
import { readTraffic, type TrafficHistory, trafficRuleOf } from '../alerts/traffic-rule.ts';
import type { Deployments } from '../deployments/deployments.ts';
import { slowerThan } from '../metrics/describe-figures.ts';
import { MetricSum, sumMetrics } from '../metrics/sum-metrics.ts';
import { dayMs, floorTo, hourMs, minuteMs } from '../metrics/windows.ts';
import type { MetricRow, MetricsRepository, Tier } from '../ports/metrics-repository.ts';

export interface GoalSourceParts {
  readonly metrics: Pick<MetricsRepository, 'list'>;
  readonly deployments: Pick<Deployments, 'list'>;
  readonly projectId: string;
}

/** Rows from which windows are summed, and how old they may be: a long window changes slowly. */
interface Span {
  readonly lengthMs: number;
  readonly longest: Tier;
  readonly keptMs: number;
}

const hourSpan: Span = { lengthMs: hourMs, longest: 'minute', keptMs: 0 };
const longSpans: readonly Span[] = [
  { lengthMs: 6 * hourMs, longest: 'hour', keptMs: minuteMs },
  { lengthMs: 3 * dayMs, longest: 'day', keptMs: 5 * minuteMs },
];
const historySpan: Span = { lengthMs: 7 * dayMs, longest: 'hour', keptMs: 10 * minuteMs };

const noSum = new MetricSum([]);

/** What a model's goals ask for: that their budgets do not burn too fast, and that there is traffic where there was. */
export function createGoalSource({ metrics, deployments, projectId }: GoalSourceParts): AlertSource {
  const list = ({ lengthMs, longest }: Span, now: number): Promise<readonly MetricRow[]> => {
    const minute = floorTo(now, minuteMs);
    return metrics.list(projectId, { from: minute - lengthMs, to: minute + minuteMs, longest });
  };
  const longBurns = longSpans.map((span) =>
    remember(span, async (now) => sumWindows(span, await list(span, now), now)),
  );
  const history = remember(historySpan, async (now) => countHours(await list(historySpan, now)));

  return {
    rules: async () =>
      deployments
        .list()
        .flatMap(({ spec: { name, goals } }) => [
          ...compileObjectives(name, goals).flatMap(rulesOf),
          trafficRuleOf(name),
        ]),

    async read(now) {
      const [lastHour, hours, ...long] = await Promise.all([
        list(hourSpan, now),
        history(now),
        ...longBurns.map((burn) => burn(now)),
      ]);
      const sums: WindowSums = new Map([sumWindows(hourSpan, lastHour, now), ...long].flatMap((one) => [...one]));
      const lastMinutes = newestMinutes(lastHour);
      return deployments
        .list()
        .flatMap(({ spec: { name, goals } }) => [
          ...compileObjectives(name, goals).flatMap((objective) =>
            readObjective(
              objective,
              (lengthMs) => exposureOf(objective, sums.get(lengthMs)?.get(name) ?? noSum),
              now - Math.min(now, ...(hours.get(name)?.keys() ?? [])),
            ),
          ),
          readTraffic(name, historyOf(hours.get(name), lastMinutes.get(name), now), now),
        ]);
    },
  };
}

/** Keeps what was read for as long as the span allows. */
function remember<T>({ keptMs }: Span, read: (now: number) => Promise<T>): (now: number) => Promise<T> {
  let last: { readonly at: number; readonly value: T } | undefined;
  return async (now) => {
    if (last === undefined || now - last.at >= keptMs) last = { at: now, value: await read(now) };
    return last.value;
  };
}

type WindowSums = ReadonlyMap<number, ReadonlyMap<string, MetricSum>>;

/** The windows that are summed from a span: those for which no shorter one is long enough. By length, then model. */
function sumWindows(span: Span, rows: readonly MetricRow[], now: number): WindowSums {
  const shorter = [hourSpan, ...longSpans].filter(({ lengthMs }) => lengthMs < span.lengthMs);
  const own = burnWindowsMs.filter(
    (lengthMs) => lengthMs <= span.lengthMs && !shorter.some((one) => lengthMs <= one.lengthMs),
  );
  const minute = floorTo(now, minuteMs);
  return new Map(
    own.map((lengthMs) => [
      lengthMs,
      sumMetrics(rows, ['latency', 'firstToken'], ({ model, startedAt }) =>
        startedAt >= minute - lengthMs ? model : undefined,
      ),
    ]),
  );
}

function exposureOf({ kind, limitMs, countsFailures }: Objective, sum: MetricSum): Exposure {
  if (kind === 'error-rate') return { judged: sum.judged, bad: sum.failed };
  if (kind === 'latency' && countsFailures) {
    return { judged: sum.judged, bad: slowerThan(sum, 'latency', limitMs) };
  }
  const sketch = kind === 'latency' ? sum.latency : sum.firstToken;
  return { judged: sketch.count, bad: sketch.countAbove(limitMs) };
}

function countHours(rows: readonly MetricRow[]): ReadonlyMap<string, ReadonlyMap<number, number>> {
  const models = new Map<string, Map<number, number>>();
  for (const { model, startedAt, requests } of rows) {
    const hours = models.get(model) ?? new Map<number, number>();
    models.set(model, hours);
    const hour = floorTo(startedAt, hourMs);
    hours.set(hour, (hours.get(hour) ?? 0) + requests);
  }
  return models;
}

function newestMinutes(rows: readonly MetricRow[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { model, startedAt } of rows) newest.set(model, Math.max(startedAt, newest.get(model) ?? 0));
  return newest;
}

function historyOf(
  hours: ReadonlyMap<number, number> | undefined,
  newestMinute: number | undefined,
  now: number,
): TrafficHistory | undefined {
  if (hours === undefined || hours.size === 0) return undefined;
  const end = newestMinute === undefined ? Math.max(...hours.keys()) + hourMs : newestMinute + minuteMs;
  return { hours, lastAt: Math.min(end, now) };
}
