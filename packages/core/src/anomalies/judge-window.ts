import { dayMs } from '../metrics/windows.ts';
import type { Usual } from './baseline.ts';
import type { MeasureRule } from './measures.ts';
import { type SubjectKind, type Usage, usageWindowMs } from './usage.ts';

export type Direction = 'above' | 'below';

/** What is unusual about a measure now, as it is kept from window to window. Plain JSON. */
export interface OpenAnomaly {
  readonly id: string;
  readonly direction: Direction;
  readonly since: number;
  /** How far from usual it was at most, and what it had to exceed; on the scale of levels. */
  readonly distance: number;
  readonly trigger: number;
  /** In the window that was furthest from usual. */
  readonly value: number;
  readonly usual: number;
  /** Whether `usual` is the most there ever was, because too little is known to tell what is usual by the hour. */
  readonly isPeak: boolean;
  /** Windows in a row that were usual again. */
  readonly calm: number;
}

/** What is kept of a measure beside its baseline. Plain JSON. */
export interface Judgement {
  /** Windows in a row that were unusual, while more of them are needed. */
  readonly streak: number;
  readonly open?: OpenAnomaly;
  /** The last that was told: within a day, only what goes further is told again. */
  readonly told?: { readonly at: number; readonly distance: number };
}

/** What a window changes. */
export interface JudgedWindow {
  readonly judgement: Judgement;
  /** What has begun, goes on, or has ended with this window. */
  readonly anomaly?: OpenAnomaly;
  readonly change?: 'begun' | 'furthered' | 'ended';
}

/** A window to be judged. */
export interface MeasuredWindow {
  /** When it began. */
  readonly at: number;
  readonly usage: Usage;
  /** What the rule reads of the usage. */
  readonly value: number;
}

/** Three times as much as usual, or a fifth of it, is the least that is ever told. */
const leastAbove = Math.log(3);
const leastBelow = Math.log(5);
/** And beyond all but one of the days that are kept: by twice as much, or more where they went very far themselves. */
const beyondDays = Math.LN2;
const beyondFarDays = 0.25;
/** While nothing is known by the hour of the week: ten times as much as ever before. */
const beyondPeak = Math.log(10);

const calmWindows = 3;
const windowsBelow = 2;
/** What lasts so long is usual. */
const longestMs = dayMs;

/**
 * Whether a window is unusual, by what was learned before it.
 * @param newId names an anomaly that begins
 */
export function judgeWindow(
  kind: SubjectKind,
  rule: MeasureRule,
  window: MeasuredWindow,
  usual: Usual,
  before: Judgement,
  newId: () => string,
): JudgedWindow {
  const { at, usage, value } = window;
  const { open: going } = before;
  if (going !== undefined) {
    // What makes an anomaly must not become what it is compared with.
    const peak = going.isPeak ? rule.toLevel(going.usual) : undefined;
    const now = peak === undefined ? compare(kind, rule, value, usual) : compareWithPeak(rule, value, peak);
    return goOn(going, before.told, window, now);
  }
  const found = compare(kind, rule, value, usual);
  const kept = before.told === undefined ? {} : { told: before.told };
  const toldDistance = before.told !== undefined && at - before.told.at < dayMs ? beyond(before.told.distance) : 0;
  const isUnusual =
    found !== undefined &&
    found.distance >= Math.max(found.trigger, toldDistance) &&
    rule.isTold(usage, value, found.usual);
  if (!isUnusual) return { judgement: { streak: 0, ...kept } };
  const streak = before.streak + 1;
  if (streak < (found.direction === 'below' ? windowsBelow : rule.windows)) return { judgement: { streak, ...kept } };
  const open = { id: newId(), since: at - (streak - 1) * usageWindowMs, ...found, value, calm: 0 };
  return { judgement: { streak: 0, open, told: { at, distance: open.distance } }, anomaly: open, change: 'begun' };
}

type Found = Pick<OpenAnomaly, 'direction' | 'distance' | 'trigger' | 'usual' | 'isPeak'>;

/** How far a value is from usual, and how far it must be; undefined while there is nothing to compare it with. */
function compare(kind: SubjectKind, rule: MeasureRule, value: number, usual: Usual): Found | undefined {
  const level = rule.toLevel(value);
  if (!usual.isSeasonal) return usual.peak === undefined ? undefined : compareWithPeak(rule, value, usual.peak);
  const distance = level - usual.level;
  const known = { usual: rule.fromLevel(usual.level), isPeak: false };
  if (distance < 0 && rule.tellsLess(kind)) {
    return {
      direction: 'below',
      distance: -distance,
      trigger: Math.max(leastBelow, beyond(usual.below)),
      ...known,
    };
  }
  return { direction: 'above', distance, trigger: Math.max(leastAbove, beyond(usual.above)), ...known };
}

function compareWithPeak(rule: MeasureRule, value: number, peak: number): Found {
  const distance = rule.toLevel(value) - peak;
  return { direction: 'above', distance, trigger: beyondPeak, usual: rule.fromLevel(peak), isPeak: true };
}

function beyond(distance: number): number {
  return distance + Math.max(beyondDays, distance * beyondFarDays);
}

/** Goes on with an anomaly of what was not seen in a window at all. */
export function judgeUnseen(open: OpenAnomaly, told: Judgement['told'], at: number): JudgedWindow {
  return goOn(open, told, { at, value: 0 }, undefined);
}

/** An anomaly is over when it was less than half as far from usual for a while, or when it has lasted for a day. */
function goOn(
  open: OpenAnomaly,
  told: Judgement['told'],
  { at, value }: Pick<MeasuredWindow, 'at' | 'value'>,
  found: Found | undefined,
): JudgedWindow {
  const isCalm = found?.direction !== open.direction || found.distance < open.trigger / 2;
  const calm = isCalm ? open.calm + 1 : 0;
  const isFurther = found !== undefined && !isCalm && found.distance > open.distance;
  const anomaly = { ...open, calm, ...(isFurther ? { ...found, value, trigger: open.trigger } : {}) };
  const nowTold = { at, distance: Math.max(told?.distance ?? 0, anomaly.distance) };
  if (calm >= calmWindows || at - open.since >= longestMs) {
    return { judgement: { streak: 0, told: nowTold }, anomaly, change: 'ended' };
  }
  const judgement = { streak: 0, open: anomaly, told: nowTold };
  return isFurther ? { judgement, anomaly, change: 'furthered' } : { judgement, anomaly };
}
