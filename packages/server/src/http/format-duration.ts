/**
 * A time as OpenAI writes it in `x-ratelimit-reset-*`, which is Go's `time.Duration.String`: `12ms`, `1.5s`, `6m0s`.
 * Source: https://pkg.go.dev/time#Duration.String and OpenAI's rate-limit guide.
 */
export function formatDuration(durationMs: number): string {
  const wholeMs = Math.max(0, Math.ceil(durationMs));
  if (wholeMs < 1000) {
    return wholeMs === 0 ? '0s' : `${wholeMs}ms`;
  }
  const hours = Math.floor(wholeMs / 3_600_000);
  const minutes = Math.floor((wholeMs % 3_600_000) / 60_000);
  const seconds = `${(wholeMs % 60_000) / 1000}s`;
  if (hours > 0) {
    return `${hours}h${minutes}m${seconds}`;
  }
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
