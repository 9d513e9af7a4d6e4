import { dayMs, hourMs } from '../metrics/windows.ts';
import { decodeLevels, encodeLevels, readLevel, writeLevel } from './level-text.ts';
import { usageWindowMs } from './usage.ts';

const hoursOfWeek = 168;
/** A level for each hour of the week is kept of so many weeks, and the furthest from usual of so many days. */
const weeksKept = 4;
const daysKept = 28;
/** From four weeks and an hour ago until now. */
const hoursKept = hoursOfWeek * weeksKept + 2;
/** Until then what is usual is an average of the last hours, and only what goes far beyond all that was seen is told. */
export const seasonalAfterMs = 14 * dayMs;

/** How an average forgets: half of it is of the last hour. */
const smoothing = 1 - 2 ** (-usageWindowMs / hourMs);
/** No single window moves the average by more than this many e-folds' share. */
const mostSurprise = 2;
/**
 * What is usual follows a lasting change by one hundredth a window, whatever its size: five times as much is usual after
 * about half a day, while a short burst leaves no trace.
 */
const followStep = 0.01;

/** A baseline at rest. Plain JSON, of a bounded size. */
export interface BaselineState {
  readonly firstAt: number;
  /** The window that was learned last. */
  readonly lastAt: number;
  readonly average: number;
  readonly offset: number;
  /** The highest level of the days before today. */
  readonly peak: number;
  /** Levels by hour of the week and week, and distances from usual by day; see `level-text.ts`. */
  readonly hours: string;
  readonly above: string;
  readonly below: string;
  /** Of the hour and the day that run. */
  readonly hour: readonly number[];
  readonly today: { readonly peak: number; readonly above: number; readonly below: number };
}

/** What is usual at a time. */
export interface Usual {
  readonly level: number;
  /** Whether there is enough to know it by the hour of the week. */
  readonly isSeasonal: boolean;
  /** How far above and below usual it went on all but one of the days that are kept. */
  readonly above: number;
  readonly below: number;
  /** The highest level of the days before; undefined before there is a whole one. */
  readonly peak: number | undefined;
}

/**
 * What one measure of one subject usually is, by the hour of the week: the median of the hour and of its neighbours in the
 * last four weeks, each of which counts by its own median, and the furthest distances from it by day. Medians and
 * second-highest days make one bad hour, or one bad day, change nothing.
 */
export class Baseline {
  readonly #firstAt: number;
  #lastAt: number;
  #average: number;
  #offset: number;
  #peak: number;
  readonly #hours: Uint8Array;
  readonly #above: Uint8Array;
  readonly #below: Uint8Array;
  #hour: number[];
  #today: { peak: number; above: number; below: number };
  /** What is usual by the hour of the week changes with the hour only. */
  #seasonal: { readonly hour: number; readonly level: number | undefined } | undefined;

  private constructor(state: BaselineState) {
    this.#firstAt = state.firstAt;
    this.#lastAt = state.lastAt;
    this.#average = state.average;
    this.#offset = state.offset;
    this.#peak = state.peak;
    this.#hours = decodeLevels(state.hours, hoursKept);
    this.#above = decodeLevels(state.above, daysKept);
    this.#below = decodeLevels(state.below, daysKept);
    this.#hour = [...state.hour];
    this.#today = { ...state.today };
  }

  /** @param at when the first window began, and its level */
  static begin(at: number, level: number): Baseline {
    return new Baseline({
      firstAt: at,
      lastAt: at - usageWindowMs,
      average: level,
      offset: 0,
      peak: 0,
      hours: '',
      above: '',
      below: '',
      hour: [],
      today: { peak: 0, above: 0, below: 0 },
    });
  }

  static fromState(state: BaselineState): Baseline {
    return new Baseline(state);
  }

  toState(): BaselineState {
    return {
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      average: round(this.#average),
      offset: round(this.#offset),
      peak: round(this.#peak),
      hours: encodeLevels(this.#hours),
      above: encodeLevels(this.#above),
      below: encodeLevels(this.#below),
      hour: this.#hour.map(round),
      today: { peak: round(this.#today.peak), above: round(this.#today.above), below: round(this.#today.below) },
    };
  }

  get lastAt(): number {
    return this.#lastAt;
  }

  /** What is usual for the window that begins then, by what was learned before it. */
  usualAt(at: number): Usual {
    const seasonal = this.#seasonalAt(at);
    return {
      level: seasonal === undefined ? this.#average : Math.max(0, seasonal + this.#offset),
      isSeasonal: seasonal !== undefined && at - this.#firstAt >= seasonalAfterMs,
      above: secondHighest(this.#above),
      below: secondHighest(this.#below),
      peak: Math.floor(at / dayMs) > Math.floor(this.#firstAt / dayMs) + 1 ? this.#peak : undefined,
    };
  }

  /** Learns a window; windows come in order of time. */
  learn(at: number, level: number): void {
    const hour = Math.floor(at / hourMs);
    const lastHour = Math.floor(this.#lastAt / hourMs);
    if (hour !== lastHour) this.#closeHour(lastHour, hour);
    const day = Math.floor(at / dayMs);
    const lastDay = Math.floor(this.#lastAt / dayMs);
    if (day !== lastDay && this.#lastAt >= this.#firstAt) this.#closeDay(lastDay, day);
    const seasonal = this.#seasonalAt(at);
    const distance = level - (seasonal === undefined ? this.#average : seasonal + this.#offset);
    if (seasonal !== undefined) this.#offset += followStep * Math.sign(distance);
    this.#average += smoothing * Math.max(-mostSurprise, Math.min(mostSurprise, level - this.#average));
    this.#hour.push(level);
    this.#today.peak = Math.max(this.#today.peak, level);
    // Distances from an average that lags behind say nothing of distances from what is usual by the hour.
    if (seasonal !== undefined) {
      this.#today.above = Math.max(this.#today.above, distance);
      this.#today.below = Math.max(this.#today.below, -distance);
    }
    this.#lastAt = at;
  }

  #closeHour(hour: number, next: number): void {
    const middle = median(this.#hour);
    this.#hour = [];
    forget(this.#hours, hour, next);
    if (middle !== undefined) writeLevel(this.#hours, hour % hoursKept, middle);
  }

  #closeDay(day: number, next: number): void {
    for (const days of [this.#above, this.#below]) forget(days, day, next);
    writeLevel(this.#above, day % daysKept, this.#today.above);
    writeLevel(this.#below, day % daysKept, this.#today.below);
    // A peak fades by half in a month, so that what was never reached again is forgotten.
    this.#peak = Math.max(this.#peak - Math.LN2 / daysKept, this.#today.peak);
    this.#today = { peak: 0, above: 0, below: 0 };
  }

  #seasonalAt(at: number): number | undefined {
    const hour = Math.floor(at / hourMs);
    if (this.#seasonal?.hour === hour) return this.#seasonal.level;
    const levels: number[] = [];
    let sameHour = 0;
    for (let week = 1; week <= weeksKept; week += 1) {
      for (const near of [-1, 0, 1]) {
        const before = hour - week * hoursOfWeek + near;
        const level = readLevel(this.#hours, before % hoursKept);
        if (level === undefined) continue;
        levels.push(level);
        if (near === 0) sameHour += 1;
      }
    }
    const level = sameHour === 0 ? undefined : median(levels);
    this.#seasonal = { hour, level };
    return level;
  }
}

/** Empties the places of a ring that were skipped, which still hold what was there a round before. */
function forget(ring: Uint8Array, last: number, next: number): void {
  const skipped = Math.min(ring.length, next - last);
  for (let ago = 1; ago <= skipped; ago += 1) ring[(next - ago) % ring.length] = 0;
}

function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

function secondHighest(days: Uint8Array): number {
  let highest = 0;
  let second = 0;
  for (let day = 0; day < days.length; day += 1) {
    const level = readLevel(days, day) ?? 0;
    if (level > highest) {
      second = highest;
      highest = level;
    } else if (level > second) second = level;
  }
  return second;
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
