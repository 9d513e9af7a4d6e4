const noBreak = '\u00a0';

// Made once: making one costs more than a hundred uses of it.
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

const units: readonly (readonly [limitMs: number, unitMs: number, unit: string])[] = [
  [60_000, 1000, 's'],
  [3_600_000, 60_000, 'min'],
  [86_400_000, 3_600_000, 'h'],
  [90 * 86_400_000, 86_400_000, 'd'],
  [730 * 86_400_000, 30 * 86_400_000, 'months'],
  [Number.POSITIVE_INFINITY, 365 * 86_400_000, 'years'],
];

/** How long ago, or how long until: `3 min ago`, `in 2 d`. Times in milliseconds since the Unix epoch. */
export function formatRelative(at: number, now: number): string {
  const distance = Math.abs(at - now);
  if (distance < 1000) return 'now';
  const [, unitMs, unit] = units.find(([limit]) => distance < limit) ?? [0, 1000, 's'];
  const span = `${Math.floor(distance / unitMs)}${noBreak}${unit}`;
  return at < now ? `${span} ago` : `in ${span}`;
}

/** The exact local time, with seconds and zone. */
export function formatExact(at: number): string {
  return exact.format(at);
}

/** Time of day to the second. */
export function formatClock(at: number): string {
  return clock.format(at);
}
