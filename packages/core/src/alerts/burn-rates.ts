import type { Goals } from '../manifest/manifest.ts';
import { latencyBudget } from '../metrics/describe-figures.ts';
import { dayMs, hourMs, minuteMs } from '../metrics/windows.ts';
import { exceedsShare } from '../statistics/exceeds-share.ts';
import type { AlertReading, AlertRule, AlertSeverity } from './alert.ts';
import { formatCount, formatDuration, formatShare, formatTimes, formatWindow } from './words.ts';

/** A goal that allows a share of requests to miss it, the error budget. */
export interface Objective {
  readonly kind: 'error-rate' | 'latency' | 'first-token';
  readonly model: string;
  /** The share that may be bad, 0 up to 1. */
  readonly budget: number;
  /** Above which a request is bad, for those of time. */
  readonly limitMs: number;
  /** Whether a request without a good answer is bad as well: only where no goal of errors counts it. */
  readonly countsFailures: boolean;
}

/** How many requests a window has that an objective judges, and how many of them are bad. */
export interface Exposure {
  readonly judged: number;
  readonly bad: number;
}

interface BurnCondition {
  readonly severity: AlertSeverity;
  /** How many times faster than allowed the budget burns, over both windows. */
  readonly factor: number;
  readonly longMs: number;
  /** Shows that it still burns, so that the alert ends soon after the trouble. */
  readonly shortMs: number;
  /** A model that is known for less long has too short a past to say how days go. */
  readonly fewestKnownMs: number;
}

/**
 * The multi-window, multi-burn-rate conditions for a budget of 30 days: 2 % of it in an hour, 5 % in six hours, 10 % in
 * three days.
 * @see Beyer et al. 2018, "The Site Reliability Workbook", chapter 5, table 5-8
 */
const burnConditions: readonly BurnCondition[] = [
  { severity: 'page', factor: 14.4, longMs: hourMs, shortMs: 5 * minuteMs, fewestKnownMs: 0 },
  { severity: 'page', factor: 6, longMs: 6 * hourMs, shortMs: 30 * minuteMs, fewestKnownMs: 0 },
  { severity: 'ticket', factor: 1, longMs: 3 * dayMs, shortMs: 6 * hourMs, fewestKnownMs: 6 * hourMs },
];

const budgetMs = 30 * dayMs;
/** Fewer bad requests than this are nobody's alert, however few requests there are. */
const fewestBad = 3;
/**
 * A condition needs more bad requests than the budget explains: by chance alone one look in so many would find as many,
 * so that quiet models do not cry wolf, looked at every ten seconds for years.
 */
const chance = 1e-6;

/** The goals of a model that have an error budget. A goal that allows everything has none. */
export function compileObjectives(
  model: string,
  { maxErrorRate, maxLatencyMs, maxTimeToFirstTokenMs }: Goals,
): readonly Objective[] {
  const objectives: Objective[] = [];
  if (maxErrorRate !== undefined && maxErrorRate < 1) {
    objectives.push({ kind: 'error-rate', model, budget: maxErrorRate, limitMs: 0, countsFailures: true });
  }
  const timed = { model, budget: latencyBudget, countsFailures: maxErrorRate === undefined };
  if (maxLatencyMs !== undefined) objectives.push({ ...timed, kind: 'latency', limitMs: maxLatencyMs });
  if (maxTimeToFirstTokenMs !== undefined) {
    objectives.push({ ...timed, kind: 'first-token', limitMs: maxTimeToFirstTokenMs, countsFailures: false });
  }
  return objectives;
}

/** The rules that watch an objective: one pages, one opens a ticket. */
export function rulesOf(objective: Objective): readonly AlertRule[] {
  return (['page', 'ticket'] as const).map((severity) => toRule(objective, severity));
}

/**
 * Reads both rules of an objective. What pages opens no ticket as well.
 * @param exposureOf the last so many milliseconds; from 5 minutes to 3 days
 * @param knownMs since when the model has had requests
 */
export function readObjective(
  objective: Objective,
  exposureOf: (lengthMs: number) => Exposure,
  knownMs: number,
): readonly AlertReading[] {
  let isPaged = false;
  return rulesOf(objective).map((rule) => {
    const conditions = burnConditions.filter(({ severity }) => severity === rule.severity);
    const burning = conditions.find(
      (condition) => knownMs >= condition.fewestKnownMs && isBurning(objective, condition, exposureOf),
    );
    const isTrue = burning !== undefined && !isPaged;
    isPaged ||= burning !== undefined;
    const words =
      burning === undefined
        ? describeCalm(objective, Math.min(...conditions.map(({ shortMs }) => shortMs)), exposureOf)
        : describeBurn(objective, burning, exposureOf);
    return { rule, isTrue, advice: adviceOf(objective), ...words };
  });
}

function isBurning(
  { budget }: Objective,
  { factor, longMs, shortMs }: BurnCondition,
  exposureOf: (lengthMs: number) => Exposure,
): boolean {
  const threshold = thresholdOf(budget, factor);
  const short = exposureOf(shortMs);
  if (short.judged === 0 || short.bad / short.judged <= threshold) return false;
  const { judged, bad } = exposureOf(longMs);
  return bad >= fewestBad && bad / judged > threshold && exceedsShare(bad, judged, budget, chance);
}

/**
 * The share of bad requests from which a budget burns so fast. Where the budget is so large that the share would come near
 * 1 or exceed it, and only a total failure could reach it, half-way between the budget and 1 takes its place.
 */
function thresholdOf(budget: number, factor: number): number {
  return Math.min(factor * budget, (1 + budget) / 2);
}

const goalNames = { 'error-rate': 'error rate', latency: 'latency', 'first-token': 'time to first token' } as const;

function toRule(objective: Objective, severity: AlertSeverity): AlertRule {
  const { kind, model, budget } = objective;
  const conditions = burnConditions.filter((condition) => condition.severity === severity);
  const windows = conditions.map(({ factor, longMs, shortMs }) => {
    const share = formatShare(thresholdOf(budget, factor));
    return `more than ${share} in the ${formatWindow(longMs)} and in the ${formatWindow(shortMs)}`;
  });
  const fewestKnownMs = Math.max(...conditions.map((condition) => condition.fewestKnownMs));
  const known = fewestKnownMs === 0 ? '' : ` Only after ${formatDuration(fewestKnownMs)} of traffic.`;
  return {
    id: `${kind}/${model}/${severity}`,
    kind,
    severity,
    model,
    title: `${model}: ${goalNames[kind]}`,
    condition: `Requests that ${whatIsBad(objective)}: ${windows.join(', or ')}; ${formatShare(budget)} are allowed.${known}`,
    holdMs: 0,
    clearMs: minuteMs,
    remindEveryMs: severity === 'page' ? 4 * hourMs : dayMs,
  };
}

type Words = Pick<AlertReading, 'summary' | 'figures'>;

function describeBurn(
  objective: Objective,
  { longMs, shortMs }: BurnCondition,
  exposureOf: (lengthMs: number) => Exposure,
): Words {
  const { budget } = objective;
  const { judged, bad } = exposureOf(longMs);
  const share = bad / judged;
  const burn = budget === 0 ? undefined : share / budget;
  const pace =
    burn === undefined
      ? ''
      : `: the budget of 30 days burns ${formatTimes(burn)} as fast as allowed and lasts ${formatDuration(budgetMs / burn)}`;
  return {
    summary:
      `${describeShare(objective, { judged, bad })} in the ${formatWindow(longMs)}, ` +
      `${formatShare(shareOf(exposureOf(shortMs)))} in the ${formatWindow(shortMs)}; ` +
      `${formatShare(budget)} are allowed${pace}.`,
    figures: [
      ...figuresOf(objective, { judged, bad }),
      ...(burn === undefined ? [] : [{ name: 'burn', value: burn, unit: 'times' as const }]),
    ],
  };
}

/** By the short window alone, which is the one that has ended an alert: the long ones cost more to sum. */
function describeCalm(objective: Objective, shortMs: number, exposureOf: (lengthMs: number) => Exposure): Words {
  const short = exposureOf(shortMs);
  const seen = short.judged === 0 ? 'No requests' : describeShare(objective, short);
  return {
    summary: `${seen} in the ${formatWindow(shortMs)}; ${formatShare(objective.budget)} are allowed.`,
    figures: figuresOf(objective, short),
  };
}

function describeShare(objective: Objective, exposure: Exposure): string {
  return `${formatShare(shareOf(exposure))} of ${formatCount(exposure.judged)} requests ${whatWasBad(objective)}`;
}

function figuresOf({ budget }: Objective, exposure: Exposure): AlertReading['figures'] {
  return [
    { name: 'bad', value: shareOf(exposure), unit: 'share' },
    { name: 'allowed', value: budget, unit: 'share' },
    { name: 'judged', value: exposure.judged, unit: 'requests' },
  ];
}

function shareOf({ judged, bad }: Exposure): number {
  return judged === 0 ? 0 : bad / judged;
}

function whatIsBad({ kind, limitMs }: Objective): string {
  if (kind === 'error-rate') return 'fail';
  return `take longer than ${formatCount(limitMs)} ms${kind === 'latency' ? '' : ' to their first token'}`;
}

function whatWasBad({ kind, limitMs }: Objective): string {
  if (kind === 'error-rate') return 'failed';
  return `took longer than ${formatCount(limitMs)} ms${kind === 'latency' ? '' : ' to their first token'}`;
}

function adviceOf({ kind, model }: Objective): string {
  return kind === 'error-rate'
    ? `Look at the requests of ${model} that failed and at what changed last; roll back if a version is new.`
    : `Look at the load and the versions of ${model} and at what changed last; roll back if a version is new, else give it more room.`;
}
