import { dayMs, hourMs } from '@scarmonit/core/metrics/windows';
import type { MetricsQuery, Tier } from '@scarmonit/core/ports/metrics-repository';

/** A stretch of a window that rows of one length tell of whole. */
export interface Cover {
  readonly tier: Exclude<Tier, 'all'>;
  /** Included. */
  readonly from: number;
  /** Excluded. */
  readonly to: number;
}

/** An hour or a day whose rows hold all that there is of it. */
export interface Fold {
  readonly tier: 'hour' | 'day';
  readonly startedAt: number;
}

const lengthOf = { hour: hourMs, day: dayMs } as const;

/**
 * The fewest stretches that cover a window: days that lie in it whole, hours beside them, and minutes at its ends and
 * wherever nothing longer holds all yet.
 */
export function coverWindow(
  { from, to, longest }: Pick<MetricsQuery, 'from' | 'to' | 'longest'>,
  folds: readonly Fold[],
): readonly Cover[] {
  const mayBe = { hour: longest !== 'minute', day: longest === 'day' || longest === 'all' };
  const whole = folds
    .filter(({ tier, startedAt }) => mayBe[tier] && startedAt >= from && startedAt + lengthOf[tier] <= to)
    // A day before its own first hour.
    .sort((a, b) => a.startedAt - b.startedAt || lengthOf[b.tier] - lengthOf[a.tier]);
  const covers: Cover[] = [];
  const add = (tier: Cover['tier'], end: number): void => {
    const last = covers.at(-1);
    if (last?.tier === tier) covers[covers.length - 1] = { ...last, to: end };
    else covers.push({ tier, from: reached, to: end });
    reached = end;
  };
  let reached = from;
  for (const { tier, startedAt } of whole) {
    if (startedAt < reached) continue;
    if (startedAt > reached) add('minute', startedAt);
    add(tier, startedAt + lengthOf[tier]);
  }
  if (reached < to) add('minute', to);
  return covers;
}
