const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a length of time that `windowSchema` has taken, such as `24h`. */
export function readWindow(text: string): number {
  const unit = text.slice(-1) as keyof typeof unitMs;
  return Number(text.slice(0, -1)) * unitMs[unit];
}
