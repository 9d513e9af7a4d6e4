import type { AlertSource } from '../alerts/alert-source.ts';
import { compileObjectives, type Exposure, type Objective, readObjective, rulesOf } from '../alerts/burn-rates.ts';
import { readTraffic, trafficRuleOf } from '../alerts/traffic-rule.ts';
import type { Deployments } from '../deployments/deployments.ts';
import { slowerThan } from '../metrics/describe-figures.ts';
import { MetricSum } from '../metrics/sum-metrics.ts';
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

/** The shortest first: a window is summed from the first that holds it. */
const burnSpans: readonly Span[] = [
  { lengthMs: 30 * minuteMs, longest: 'minute', keptMs: 0 },
  { lengthMs: hourMs, longest: 'minute', keptMs: 0 },
  { lengthMs: 6 * hourMs, longest: 'hour', keptMs: minuteMs },
  { lengthMs: 3 * dayMs, longest: 'day', keptMs: 5 * minuteMs },
];
const historySpan: Span = { lengthMs: 7 * dayMs, longest: 'hour', keptMs: 10 * minuteMs };

/** What a model's goals ask for: that their budgets do not burn too fast, and that there is traffic where there was. */
export function createGoalSource(parts: GoalSourceParts): AlertSource {
  const { metrics, deployments, projectId } = parts;
  const list = ({ lengthMs, longest }: Span, now: number): Promise<readonly MetricRow[]> => {
    const minute = floorTo(now, minuteMs);
    return metrics.list(projectId, { from: minute - lengthMs, to: minute + minuteMs, longest });
  };
  const readers = burnSpans.map((span) => remember(span, async (now) => new SpanSums(await list(span, now), now)));
  const history = remember(historySpan, async (now) => countHours(await list(historySpan, now)));
  const lastSeen = new LastSeen(parts);

  return {
    rules: async () =>
      deployments
        .list()
        .flatMap(({ spec: { name, goals } }) => [
          ...compileObjectives(name, goals).flatMap(rulesOf),
          trafficRuleOf(name),
        ]),

    async read(now) {
      const [hours, shortest] = await Promise.all([history(now), readers[0]?.(now)]);
      const readBurns = (sums: readonly (SpanSums | undefined)[], onMissing: (span: number) => void) =>
        deployments.list().flatMap(({ spec: { name, goals } }) => {
          const knownMs = now - Math.min(now, ...(hours.get(name)?.keys() ?? []));
          const exposureOf = (objective: Objective, lengthMs: number): Exposure => {
            const span = burnSpans.findIndex((one) => lengthMs <= one.lengthMs);
            if (sums[span] === undefined) onMissing(span);
            return sums[span]?.exposureOf(objective, lengthMs) ?? { judged: 0, bad: 0 };
          };
          return compileObjectives(name, goals).flatMap((objective) =>
            readObjective(objective, (lengthMs) => exposureOf(objective, lengthMs), knownMs),
          );
        });
      const burns = await readWithSpans(readBurns, shortest, (span) => readers[span]?.(now));
      const traffic = await Promise.all(
        deployments.list().map(async ({ spec: { name } }) => {
          const ofModel = hours.get(name);
          const lastAt = await lastSeen.find(name, shortest?.newestMinute(name), ofModel);
          const known = ofModel === undefined || lastAt === undefined ? undefined : { hours: ofModel, lastAt };
          return readTraffic(name, known, now);
        }),
      );
      return [...burns, ...traffic];
    },
  };
}

/** Most models are well, which the shortest span shows: longer ones are read when a reading asks for them. */
async function readWithSpans<Reading>(
  read: (sums: readonly (SpanSums | undefined)[], onMissing: (span: number) => void) => Reading,
  shortest: SpanSums | undefined,
  load: (span: number) => Promise<SpanSums> | undefined,
): Promise<Reading> {
  const sums = [shortest, ...burnSpans.slice(1).map((): SpanSums | undefined => undefined)];
  while (true) {
    const missing = new Set<number>();
    const readings = read(sums, (span) => missing.add(span));
    if (missing.size === 0) return readings;
    for (const span of missing) sums[span] = await load(span);
  }
}

/** When each model's last request ended, to the minute. */
class LastSeen {
  readonly #parts: GoalSourceParts;
  readonly #minutes = new Map<string, number>();

  constructor(parts: GoalSourceParts) {
    this.#parts = parts;
  }

  /**
   * @param newest the last minute in which one ended, where that was lately
   * @param hours those in which some did
   * @returns the end of that minute, milliseconds since the epoch; undefined where nobody has asked
   */
  async find(
    model: string,
    newest: number | undefined,
    hours: ReadonlyMap<number, number> | undefined,
  ): Promise<number | undefined> {
    if (newest !== undefined) this.#minutes.set(model, newest);
    if (hours === undefined || hours.size === 0) return undefined;
    const hour = Math.max(...hours.keys());
    let minute = this.#minutes.get(model);
    if (minute === undefined || minute < hour) {
      // Another process has looked meanwhile, or this one has just begun.
      minute = (await this.#lastMinuteOf(model, hour)) ?? hour + hourMs - minuteMs;
      this.#minutes.set(model, minute);
    }
    return minute + minuteMs;
  }

  /** Undefined where only the hour is kept. */
  async #lastMinuteOf(model: string, hour: number): Promise<number | undefined> {
    const { metrics, projectId } = this.#parts;
    const rows = await metrics.list(projectId, { from: hour, to: hour + hourMs, longest: 'minute', model });
    return rows.length === 0 ? undefined : Math.max(...rows.map(({ startedAt }) => startedAt));
  }
}

/** Windows of one span, summed when they are asked for: that of a healthy model never asks for the long ones. */
class SpanSums {
  readonly #rows: ReadonlyMap<string, readonly MetricRow[]>;
  readonly #now: number;
  readonly #exposures = new Map<string, Exposure>();

  constructor(rows: readonly MetricRow[], now: number) {
    this.#rows = Map.groupBy(rows, ({ model }) => model);
    this.#now = now;
  }

  exposureOf(objective: Objective, lengthMs: number): Exposure {
    const key = `${lengthMs}/${objective.kind}/${objective.limitMs}/${objective.countsFailures}/${objective.model}`;
    let exposure = this.#exposures.get(key);
    if (exposure === undefined) {
      exposure = this.#sum(objective, lengthMs);
      this.#exposures.set(key, exposure);
    }
    return exposure;
  }

  /** The last minute in which a request of the model ended. */
  newestMinute(model: string): number | undefined {
    return this.#rows.get(model)?.reduce((newest, { startedAt }) => Math.max(newest, startedAt), 0);
  }

  #sum({ kind, model, limitMs, countsFailures }: Objective, lengthMs: number): Exposure {
    const from = floorTo(this.#now, minuteMs) - lengthMs;
    const sum = new MetricSum(distributionsOf[kind]);
    for (const row of this.#rows.get(model) ?? []) if (row.startedAt >= from) sum.add(row);
    if (kind === 'error-rate') return { judged: sum.judged, bad: sum.failed };
    if (kind === 'latency' && countsFailures) return { judged: sum.judged, bad: slowerThan(sum, 'latency', limitMs) };
    const sketch = kind === 'latency' ? sum.latency : sum.firstToken;
    return { judged: sketch.count, bad: sketch.countAbove(limitMs) };
  }
}

const distributionsOf: Readonly<Record<Objective['kind'], ConstructorParameters<typeof MetricSum>[0]>> = {
  'error-rate': [],
  latency: ['latency'],
  'first-token': ['firstToken'],
};

/** Keeps what was read for as long as the span allows. */
function remember<T>({ keptMs }: Span, read: (now: number) => Promise<T>): (now: number) => Promise<T> {
  let last: { readonly at: number; readonly value: T } | undefined;
  return async (now) => {
    if (last === undefined || now - last.at >= keptMs) last = { at: now, value: await read(now) };
    return last.value;
  };
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
