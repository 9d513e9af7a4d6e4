import { dayMs } from '../metrics/windows.ts';
import {
  addCounts,
  type Counts,
  countOf,
  foldBins,
  jensenShannon,
  largestBins,
  populationStabilityIndex,
  takeCounts,
} from './divergence.ts';
import { addEvidence, type Evidence, evidenceOf, noEvidence } from './evidence.ts';

/** Two whole weeks, so that each weekday is there twice. */
export const referenceDaysNeeded = 14;
/** Days with fewer requests are taken together with the next, and a data set with fewer is no reference. */
export const fewestRequests = 200;
/** A share of 0.0180 bits is a population stability index of about 0.1, which the field calls moderate. */
const leastTolerated = 0.018;
/** A reference whose own days differ by more tolerates so many times as much as they do. */
const ownVariation = 2;
const mostTolerated = 0.5;
/** Bins that a reference tells apart, and that its days do while it is collected. */
const mostBins = 24;
const mostBinsOfDay = 64;
/**
 * A distribution is called drifted, though its mean divergence stays within what is tolerated, with a probability of at
 * most 1/800 over all time. A version has up to eight, which makes one false alarm in a hundred versions.
 */
export const evidenceNeeded = 800;
/** Distributions that are known at the most; a state takes about three kilobytes. */
export const mostDriftFeatures = 800;

/** What is known of one distribution at rest. Plain JSON, of a bounded size. */
export type DriftState = CollectingState | WatchingState;

interface CollectingState {
  readonly phase: 'collecting';
  /** In order of time; a stretch is a day, or several with too few requests each. */
  readonly days: readonly DayCounts[];
}

/** What was counted on a day, or from a day on until there was enough. */
interface DayCounts {
  readonly day: number;
  /** Whether it is that day alone. */
  readonly isWhole: boolean;
  readonly counts: Counts;
}

interface WatchingState {
  readonly phase: 'watching' | 'drifted';
  readonly reference: Counts;
  /** By weekday, where the reference has whole days of it. */
  readonly weekdays: readonly Counts[];
  /** 0 where the reference is a data set. */
  readonly referenceDays: number;
  readonly tolerated: number;
  readonly evidence: Evidence;
  /** Compared last, or waiting for enough requests. */
  readonly lately: Counts;
  readonly waiting?: DayCounts;
  readonly divergence?: number;
  readonly psi?: number;
  /** The end of the day at which the evidence was enough. */
  readonly driftedAt?: number;
}

export const unknownDrift: DriftState = { phase: 'collecting', days: [] };

/**
 * Takes a day that is over into the reference, or compares it with it.
 * @param day when it began; days come in order of time
 */
export function watchDay(state: DriftState, day: number, counts: Counts): DriftState {
  if (countOf(counts) === 0) return state;
  if (state.phase === 'collecting') return collect(state, day, foldBins(counts, largestBins(counts, mostBinsOfDay)));
  return compare(state, day, foldBins(counts, new Set(Object.keys(state.reference))));
}

/**
 * Begins with a data set in place of a reference of days. How much its days differ is not known: what is tolerated is the
 * least, and how far a data set of this size may be from the distribution that it was drawn from.
 */
export function watchFrom(dataSet: Counts): DriftState {
  const reference = foldBins(dataSet, largestBins(dataSet, mostBins));
  return {
    phase: 'watching',
    reference,
    weekdays: Array.from({ length: 7 }, () => ({})),
    referenceDays: 0,
    tolerated: Math.min(mostTolerated, leastTolerated + samplingError(reference)),
    evidence: noEvidence,
    lately: {},
  };
}

/**
 * How much more a sample may differ from its own distribution than it does on average, in bits, with a probability of
 * 1/{@link evidenceNeeded}. 8n times the divergence is a chi-square with a degree of freedom less than there are bins.
 * @see Laurent and Massart 2000, "Adaptive estimation of a quadratic functional by model selection", Annals of Statistics
 *   28(5), lemma 1: P(X ≥ d + 2√(dx) + 2x) ≤ exp(−x)
 */
function samplingError(sample: Counts): number {
  const degrees = Math.max(0, Object.keys(sample).length - 1);
  const x = Math.log(evidenceNeeded);
  return (2 * Math.sqrt(degrees * x) + 2 * x) / (8 * Math.max(1, countOf(sample)) * Math.LN2);
}

/** Against what the reference says, as a wager: see {@link evidenceNeeded}. */
export function driftEvidence(state: DriftState): number {
  return state.phase === 'collecting' ? 0 : evidenceOf(state.evidence);
}

function collect({ days }: CollectingState, day: number, counts: Counts): DriftState {
  const last = days.at(-1);
  const isFilled = last === undefined || countOf(last.counts) >= fewestRequests;
  const next = isFilled
    ? [...days, { day, isWhole: true, counts }]
    : [...days.slice(0, -1), { day: last.day, isWhole: false, counts: addCounts(last.counts, counts) }];
  const filled = next.filter((one) => countOf(one.counts) >= fewestRequests);
  const first = next[0]?.day ?? day;
  const isEnough = day - first >= (referenceDaysNeeded - 1) * dayMs && filled.length >= referenceDaysNeeded / 2;
  return isEnough ? makeReference(filled) : { phase: 'collecting', days: next };
}

/** What the days of a reference differ by among themselves is what its model is like, and no drift. */
function makeReference(collected: readonly DayCounts[]): WatchingState {
  const all = collected.reduce<Counts>((sum, { counts }) => addCounts(sum, counts), {});
  const named = largestBins(all, mostBins);
  const days = collected.map((one) => ({ ...one, counts: foldBins(one.counts, named) }));
  const reference = foldBins(all, named);
  const weekdays = Array.from({ length: 7 }, (_, weekday) =>
    days
      .filter((one) => one.isWhole && weekdayOf(one.day) === weekday)
      .reduce<Counts>((sum, { counts }) => addCounts(sum, counts), {}),
  );
  const differences = days.map((one) => {
    const others = takeCounts(reference, one.counts);
    const sameDay = one.isWhole ? takeCounts(weekdays[weekdayOf(one.day)] ?? {}, one.counts) : {};
    return leastDivergence(one.counts, others, sameDay);
  });
  const own = differences.reduce((sum, one) => sum + one, 0) / differences.length;
  return {
    phase: 'watching',
    reference,
    weekdays,
    referenceDays: days.length,
    tolerated: Math.min(mostTolerated, Math.max(leastTolerated, ownVariation * own)),
    evidence: noEvidence,
    lately: {},
  };
}

function compare(state: WatchingState, day: number, counts: Counts): WatchingState {
  const { waiting } = state;
  const taken: DayCounts =
    waiting === undefined
      ? { day, isWhole: true, counts }
      : { day: waiting.day, isWhole: false, counts: addCounts(waiting.counts, counts) };
  if (countOf(taken.counts) < fewestRequests) return { ...state, waiting: taken };
  const { waiting: _, ...rest } = state;
  const sameDay = taken.isWhole ? (state.weekdays[weekdayOf(day)] ?? {}) : {};
  const divergence = leastDivergence(taken.counts, state.reference, sameDay);
  const evidence = addEvidence(state.evidence, divergence, state.tolerated);
  const isDrifted = state.phase === 'drifted' || evidenceOf(evidence) >= evidenceNeeded;
  return {
    ...rest,
    phase: isDrifted ? 'drifted' : 'watching',
    evidence,
    lately: taken.counts,
    divergence,
    psi: populationStabilityIndex(state.reference, taken.counts),
    ...(isDrifted ? { driftedAt: state.driftedAt ?? day + dayMs } : {}),
  };
}

/** From the reference as a whole or from its own weekday, whichever is closer: a Sunday is no drift. */
function leastDivergence(counts: Counts, reference: Counts, sameDay: Counts): number {
  const whole = jensenShannon(counts, reference);
  return countOf(sameDay) < fewestRequests ? whole : Math.min(whole, jensenShannon(counts, sameDay));
}

function weekdayOf(day: number): number {
  return Math.floor(day / dayMs) % 7;
}
