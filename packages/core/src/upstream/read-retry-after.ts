const longestMs = 24 * 3_600_000;

/**
 * When an upstream says that it can be asked again: `retry-after-ms` (OpenAI, Azure), or `retry-after` in seconds or as a
 * date (RFC 9110, section 10.2.3).
 * @param now wall time, for dates
 * @returns milliseconds from now, a day at the most; undefined when it says nothing usable
 */
export function readRetryAfter(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const exact = headers['retry-after-ms'];
  const given = headers['retry-after'];
  const ms =
    exact !== undefined && exact.trim() !== '' ? Number(exact) : given === undefined ? Number.NaN : toMs(given, now);
  return Number.isFinite(ms) && ms >= 0 ? Math.min(ms, longestMs) : undefined;
}

function toMs(text: string, now: number): number {
  if (/^\s*\d+(\.\d+)?\s*$/.test(text)) return Number(text) * 1_000;
  // The engine's parser takes much for a date; one of HTTP names its month.
  return /[a-z]{3}/i.test(text) ? Math.max(0, Date.parse(text) - now) : Number.NaN;
}
