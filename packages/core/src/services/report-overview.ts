import type { Deployments, LiveModel } from '../deployments/deployments.ts';
import { ScarmonitError } from '../errors/scarmonit-error.ts';
import {
  addScores,
  atLeast,
  atMost,
  budgetsLeft,
  errorRateOf,
  latencyOf,
  shareOf,
  toPoint,
} from '../metrics/describe-figures.ts';
import { MetricGrid } from '../metrics/metric-grid.ts';
import type {
  Figure,
  FigureGoal,
  FigureName,
  FigureReport,
  MetricsSeries,
  ModelOverview,
  Overview,
  VersionOverview,
} from '../metrics/overview.ts';
import { sumRefusals } from '../metrics/refusals.ts';
import { type MetricSum, sumMetrics } from '../metrics/sum-metrics.ts';
import { shareUp } from '../metrics/uptime.ts';
import { dayMs, floorTo, type MetricsWindow, minuteMs, windowUntil } from '../metrics/windows.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  FeedbackScore,
  FeedbackScoreRepository,
  MetricRow,
  MetricsRepository,
  UptimeRepository,
  UptimeSpan,
} from '../ports/metrics-repository.ts';
import type { Task } from '../registry/version-spec.ts';

export interface OverviewPorts {
  readonly metrics: Pick<MetricsRepository, 'list' | 'countUsers'>;
  readonly uptime: Pick<UptimeRepository, 'list' | 'firstBeats'>;
  readonly scores: FeedbackScoreRepository;
  readonly deployments: Pick<Deployments, 'list' | 'find'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly projectId: string;
  /** How often a process says that it serves. */
  readonly beatEveryMs: number;
  /** Writes what this process has counted, so that the figures hold all it has answered. */
  flush(): Promise<void>;
}

/** The figures that people look at first, made from what is stored: alike whichever process is asked. */
export interface OverviewService {
  /**
   * @param windowMs the last so many milliseconds, at least a minute; uptime, feedback and budgets are of 30 days always
   * @throws ScarmonitError `unknown_model`
   */
  report(wanted: { readonly windowMs: number; readonly model?: string }): Promise<Overview>;
  /** @throws ScarmonitError `unknown_model` */
  series(wanted: {
    readonly windowMs: number;
    readonly model: string;
    readonly byVersion: boolean;
  }): Promise<MetricsSeries>;
}

/** What figures are made from: how long work waited is none of them. */
const distributions = ['latency', 'firstToken'] as const;

const monthMs = 30 * dayMs;
/** What all models' figures are made from. */
interface Material {
  readonly now: number;
  readonly window: MetricsWindow;
  readonly rows: readonly MetricRow[];
  readonly month: ReadonlyMap<string, MetricSum>;
  readonly users5m: ReadonlyMap<string, number>;
  readonly users24h: ReadonlyMap<string, number>;
  readonly spans: readonly UptimeSpan[];
  readonly firstBeats: ReadonlyMap<string, number>;
  readonly beatEveryMs: number;
  readonly scores: readonly FeedbackScore[];
}

export function createOverviewService(ports: OverviewPorts): OverviewService {
  const { metrics, uptime, scores, deployments, clock, projectId, beatEveryMs } = ports;
  const readMonth = keepInProportion(async (now) => {
    const { from, to } = windowUntil(now, monthMs);
    const rows = await metrics.list(projectId, { from, to, longest: 'day', distributions });
    return sumMetrics(rows, distributions, ({ model }) => model);
  }, clock);
  const readScores = keepInProportion((now) => scores.score(projectId, now - monthMs), clock);

  const findModel = (name: string): LiveModel => {
    const model = deployments.find(name);
    if (model !== undefined) return model;
    throw new ScarmonitError('unknown_model', `There is no model '${name.slice(0, 64)}'.`, {
      code: 'model_not_found',
      param: 'model',
    });
  };

  return {
    report: async ({ windowMs, model }) => {
      const models = model === undefined ? deployments.list() : [findModel(model)];
      await ports.flush().catch(() => undefined);
      const now = clock.now();
      const window = windowUntil(now, windowMs);
      const { from, to, longest } = window;
      const [rows, sums, users5m, users24h, spans, firstBeats, said] = await Promise.all([
        metrics.list(projectId, { from, to, longest, distributions, ...(model === undefined ? {} : { model }) }),
        readMonth(now),
        metrics.countUsers(projectId, now - 5 * minuteMs),
        metrics.countUsers(projectId, now - dayMs),
        uptime.list(projectId, now - monthMs),
        uptime.firstBeats(projectId),
        readScores(now),
      ]);
      const users = { users5m, users24h };
      const material = { now, window, rows, month: sums, ...users, spans, firstBeats, beatEveryMs, scores: said };
      const overviews = models.map((live) => describeModel(live, material));
      const refused = model === undefined ? { refused: sumRefusals(rows) } : {};
      return { from, to, stepMs: window.stepMs, models: overviews, ...refused };
    },

    series: async ({ windowMs, model, byVersion }) => {
      findModel(model);
      await ports.flush().catch(() => undefined);
      const { from, to, stepMs, longest } = windowUntil(clock.now(), windowMs);
      const rows = await metrics.list(projectId, { from, to, longest, distributions, model });
      const grid = new MetricGrid(rows, distributions, (time) => floorStep(time, from, stepMs));
      const times = listSteps(from, to, stepMs);
      const pointsOf = (steps: ReadonlyMap<number, MetricSum>) => times.map((time) => toPoint(steps.get(time)));
      const lines = byVersion
        ? grid.versions.map((version) => ({ version, points: pointsOf(grid.stepsOf(version)) }))
        : [{ points: pointsOf(grid.steps) }];
      return { from, to, stepMs, times, lines };
    },
  };
}

/**
 * Reads anew only after fifty times as long as it took the last time: what grows with a month of requests then takes two
 * percent of a thread at the most, however many look. The value is kept and not its promise, which on Workers ends with the
 * request that it was made in.
 */
function keepInProportion<Value>(
  read: (now: number) => Promise<Value>,
  clock: Pick<Clock, 'now'>,
): (now: number) => Promise<Value> {
  let kept: { readonly value: Value; readonly until: number } | undefined;
  return async (now) => {
    if (kept !== undefined && now < kept.until) return kept.value;
    const value = await read(now);
    const readAt = clock.now();
    kept = { value, until: readAt + 50 * (readAt - now) };
    return value;
  };
}

function describeModel({ spec, traffic }: LiveModel, material: Material): ModelOverview {
  const { name, task } = spec;
  const { stable, candidate, weight, createdAt, decidedBy } = traffic;
  const { from, stepMs } = material.window;
  const rows = material.rows.filter(({ model }) => model === name);
  const grid = new MetricGrid(rows, distributions, (time) => floorStep(time, from, stepMs));
  return {
    model: name,
    task,
    stable,
    ...(candidate === undefined ? {} : { candidate }),
    weight: candidate === undefined ? 0 : weight,
    updatedAt: createdAt,
    updatedBy: decidedBy,
    figures: describeFigures(spec, grid, material),
    versions: describeVersions(
      grid,
      material.scores.filter(({ model }) => model === name),
      noAccuracy(task),
    ),
  };
}

const noRequests = 'No requests in this time.';
const noStreams = 'No streamed answers in this time.';
const noLabels = 'No labels yet: send feedback that says which class was right.';
const noClasses = 'Not known from traffic: labels are compared with classes, and this model gives none.';
const noRatings = 'No ratings yet: send feedback with a thumb up or down.';
const noTasks = 'No finished tasks yet: send feedback that says whether the task was done.';
const noHeartbeats = 'No heartbeat yet: the stable version has not been ready since figures are kept.';
const noUsers = 'Nobody has asked yet.';

function describeFigures(
  { name, task, goals }: LiveModel['spec'],
  grid: MetricGrid,
  material: Material,
): Readonly<Record<FigureName, FigureReport>> {
  const { now, window } = material;
  const { from, to, stepMs } = window;
  const { sum, steps } = grid;
  const times = listSteps(from, to, stepMs);
  const points = times.map((time) => toPoint(steps.get(time)));
  const budgets = budgetsLeft(material.month.get(name), goals);
  const score = addScores(material.scores.filter(({ model }) => model === name));

  const latency = latencyOf(sum, 'latency', noRequests);
  const firstToken = latencyOf(sum, 'firstToken', noStreams);
  const errorRate = errorRateOf(sum, noRequests);
  const { requests } = sum;
  const throughput: Figure = known(requests, requests / ((now - from) / 1_000), noRequests);
  const cost: Figure = known(requests, sum.costUsd / requests, noRequests);
  const accuracy = shareOf(score?.right ?? 0, score?.labelled ?? 0, noAccuracy(task));
  const satisfaction = shareOf(score?.satisfied ?? 0, score?.rated ?? 0, noRatings);
  const completion = shareOf(score?.completed ?? 0, score?.tasks ?? 0, noTasks);
  return {
    latencyP95Ms: report(latency, withBudget(atMost(goals.maxLatencyMs, latency), budgets.latencyP95Ms), {
      series: points.map(({ latencyP95Ms }) => latencyP95Ms),
    }),
    firstTokenP95Ms: report(
      firstToken,
      withBudget(atMost(goals.maxTimeToFirstTokenMs, firstToken), budgets.firstTokenP95Ms),
      { series: points.map(({ firstTokenP95Ms }) => firstTokenP95Ms) },
    ),
    errorRate: report(errorRate, withBudget(atMost(goals.maxErrorRate, errorRate), budgets.errorRate), {
      series: points.map((point) => point.errorRate),
    }),
    // What was asked for says nothing of what could be served.
    throughputRps: report(
      throughput,
      goals.targetThroughputRps === undefined ? undefined : { target: goals.targetThroughputRps },
      { series: points.map((point, index) => point.requests / secondsOf(times[index] ?? from, stepMs, now)) },
    ),
    accuracy: report(accuracy, atLeast(goals.minAccuracy, accuracy)),
    satisfaction: report(satisfaction, atLeast(goals.minSatisfaction, satisfaction)),
    taskCompletion: report(completion, atLeast(goals.minTaskCompletion, completion)),
    costPerRequestUsd: report(cost, atMost(goals.maxCostUsd, cost)),
    uptime: report(describeUptime(name, material)),
    activeUsers5m: report(countOf(material.users5m.get(name), material.users24h.get(name))),
    activeUsers24h: report(countOf(material.users24h.get(name), material.users24h.get(name))),
  };
}

function noAccuracy(task: Task): string {
  return task === 'classification' ? noLabels : noClasses;
}

function describeVersions(
  grid: MetricGrid,
  scores: readonly FeedbackScore[],
  unknownAccuracy: string,
): readonly VersionOverview[] {
  return grid.versions.map((version) => {
    const sum = grid.sumOf(version);
    const score = scores.find((one) => one.version === version);
    return {
      version,
      requests: sum.requests,
      latencyP95Ms: latencyOf(sum, 'latency', noRequests),
      errorRate: errorRateOf(sum, noRequests),
      accuracy: shareOf(score?.right ?? 0, score?.labelled ?? 0, unknownAccuracy),
    };
  });
}

function describeUptime(model: string, { now, spans, firstBeats, beatEveryMs }: Material): Figure {
  const first = firstBeats.get(model);
  if (first === undefined) return { reason: noHeartbeats };
  const own = spans.filter((span) => span.model === model);
  const share = shareUp(own, Math.max(first, now - monthMs), now, beatEveryMs);
  return share === undefined ? { reason: noHeartbeats } : { value: share, samples: own.length };
}

/** Nobody now is a figure; nobody ever is not known to be one. */
function countOf(users: number | undefined, ofDay: number | undefined): Figure {
  return ofDay === undefined ? { reason: noUsers } : { value: users ?? 0, samples: users ?? 0 };
}

function known(samples: number, value: number, reason: string): Figure {
  return samples === 0 ? { reason } : { value, samples };
}

function report(figure: Figure, goal?: FigureGoal, rest: Pick<FigureReport, 'series'> = {}): FigureReport {
  return { figure, ...(goal === undefined ? {} : { goal }), ...rest };
}

function withBudget(goal: FigureGoal | undefined, budgetLeft: number | undefined): FigureGoal | undefined {
  return goal === undefined || budgetLeft === undefined ? goal : { ...goal, budgetLeft };
}

function listSteps(from: number, to: number, stepMs: number): readonly number[] {
  return Array.from({ length: Math.ceil((to - from) / stepMs) }, (_, index) => from + index * stepMs);
}

function floorStep(time: number, from: number, stepMs: number): number {
  return from + floorTo(time - from, stepMs);
}

/** Of a step so far: the last one is not over. */
function secondsOf(startedAt: number, stepMs: number, now: number): number {
  return Math.max(1, Math.min(stepMs, now - startedAt) / 1_000);
}
