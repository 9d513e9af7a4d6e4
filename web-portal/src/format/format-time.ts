const steps: readonly (readonly [limitMs: number, unitMs: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [60_000, 1000, 'second'],
  [3_600_000, 60_000, 'minute'],
  [86_400_000, 3_600_000, 'hour'],
  [30 * 86_400_000, 86_400_000, 'day'],
  [365 * 86_400_000, 30 * 86_400_000, 'month'],
  [Number.POSITIVE_INFINITY, 365 * 86_400_000, 'year'],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'narrow' });

/** How long ago, or how long until: `3 min ago`, `in 2 d`. Times in milliseconds since the Unix epoch. */
export function formatRelative(at: number, now: number): string {
  const difference = at - now;
  const distance = Math.abs(difference);
  if (distance < 1000) return 'now';
  for (const [limit, unitMs, unit] of steps) {
    if (distance < limit) return relative.format(Math.trunc(difference / unitMs), unit);
  }
  return '';
}

/** The exact local time, with seconds and zone. */
export function formatExact(at: number): string {
  return new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'long' });
}

/** Time of day to the second. */
export function formatClock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}
