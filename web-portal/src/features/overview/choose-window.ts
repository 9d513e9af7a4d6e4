const minuteMs = 60_000;

/** A stretch of time that figures are shown for. */
export interface ShownWindow {
  readonly lengthMs: number;
  /** As in "last hour". */
  readonly title: string;
}

const windows: readonly ShownWindow[] = [
  { lengthMs: 5 * minuteMs, title: 'last 5 min' },
  { lengthMs: 15 * minuteMs, title: 'last 15 min' },
  { lengthMs: 60 * minuteMs, title: 'last hour' },
];

const hour: ShownWindow = { lengthMs: 60 * minuteMs, title: 'last hour' };

/**
 * The shortest stretch that what is known fills, at most an hour.
 * @param isAll whether these are all requests there are: then a quiet time before the oldest is known to be quiet
 */
export function chooseWindow(oldest: number | undefined, now: number, isAll: boolean): ShownWindow {
  if (oldest === undefined) return hour;
  const reach = now - oldest;
  if (isAll) return windows.find(({ lengthMs }) => lengthMs >= reach) ?? hour;
  return (
    windows.findLast(({ lengthMs }) => lengthMs <= reach) ?? {
      lengthMs: Math.max(minuteMs, reach),
      title: 'latest requests',
    }
  );
}
