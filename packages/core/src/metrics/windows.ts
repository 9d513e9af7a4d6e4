import type { Tier } from '../ports/metrics-repository.ts';

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

/** How long minutes are kept. */
export const minutesKeptMs = 2 * dayMs;

/** A window of whole minutes, and the steps that its series has. */
export interface MetricsWindow {
  readonly from: number;
  /** Excluded; in the future by less than a minute, where the minute that runs is part of it. */
  readonly to: number;
  readonly stepMs: number;
  /** The longest stretch that fits in a step. */
  readonly longest: Tier;
}

export function floorTo(time: number, lengthMs: number): number {
  return Math.floor(time / lengthMs) * lengthMs;
}

export function ceilTo(time: number, lengthMs: number): number {
  return Math.ceil(time / lengthMs) * lengthMs;
}

/** Points of a series at the most. */
const mostPoints = 60;

/**
 * The window of a length that ends now, with at most 61 steps. Its begin is rounded down to a step: a stretch longer than
 * six hours is told by hours, one longer than a week by days.
 * @param lengthMs at least a minute
 */
export function windowUntil(now: number, lengthMs: number): MetricsWindow {
  const [tierMs, longest] = tierOf(lengthMs);
  const stepMs = tierMs * Math.max(1, Math.ceil(lengthMs / mostPoints / tierMs));
  return { from: floorTo(now - lengthMs, stepMs), to: floorTo(now, minuteMs) + minuteMs, stepMs, longest };
}

function tierOf(lengthMs: number): readonly [number, Tier] {
  if (lengthMs <= 6 * hourMs) return [minuteMs, 'minute'];
  return lengthMs <= 7 * dayMs ? [hourMs, 'hour'] : [dayMs, 'day'];
}
